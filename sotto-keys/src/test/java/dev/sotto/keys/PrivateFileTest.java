package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.sotto.core.DeniedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFileTest {
    @Test
    void checkOwnerOnly_letsPassWhatNobodyElseMayTouchAndWhatIsNotThere(@TempDir Path folder) throws IOException {
        var file = Files.createFile(folder.resolve("credentials"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThatNoException().isThrownBy(() -> PrivateFile.checkOwnerOnly(file, "credentials"));
        assertThatNoException().isThrownBy(() -> PrivateFile.checkOwnerOnly(folder.resolve("absent"), "credentials"));

        for (var mode : new String[] {"rw-r-----", "rw--w----", "rw----r--", "rw-----w-", "rw------x"}) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));

            assertThatExceptionOfType(DeniedException.class)
                    .isThrownBy(() -> PrivateFile.checkOwnerOnly(file, "credentials"))
                    .withMessageStartingWith("credentials file")
                    .withMessageContaining("hint: chmod 600");
        }
    }
}
