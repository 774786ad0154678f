package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.DeniedException;
import dev.sotto.core.RejectedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassphraseTest {
    @TempDir
    private Path folder;

    @Test
    void credential_isReadWithoutItsLineFeed() throws IOException {
        Files.writeString(folder.resolve("root.passphrase"), "gr\u00fcne Katze 7\n");

        try (var passphrase = Passphrase.ofCredential(folder, "root.passphrase")) {
            assertThat(new String(passphrase.reveal())).isEqualTo("gr\u00fcne Katze 7");
            assertThat(passphrase).hasToString("[REDACTED]");
        }
    }

    @Test
    void credential_outsideItsFolderOrAbsent_isRefused() throws IOException {
        Files.writeString(folder.resolve("outside"), "outside secret");
        var inner = Files.createDirectory(folder.resolve("inner"));
        for (var name : new String[] {"../outside", "..", "", "/etc/hostname", "absent", ".hidden", "a/b"}) {
            refuses(() -> Passphrase.ofCredential(inner, name));
        }
    }

    @Test
    void credential_thatIsNoPassphrase_isRefused() throws IOException {
        for (byte[] content : new byte[][] {
            {},
            {'\n'},
            "two\nlines".getBytes(UTF_8),
            {'a', 0, 'b'},
            {(byte) 0xff, 'a'},
            "x".repeat(1025).getBytes(UTF_8)
        }) {
            Files.write(folder.resolve("bad"), content);
            refuses(() -> Passphrase.ofCredential(folder, "bad"));
        }
    }

    @Test
    void descriptor_isReadToItsEnd() throws IOException {
        var file = Files.writeString(folder.resolve("fd"), "from a descriptor\n");
        try (var _ = FileChannel.open(file);
                var passphrase = Passphrase.ofDescriptor(descriptorOf(file))) {
            assertThat(new String(passphrase.reveal())).isEqualTo("from a descriptor");
        }
    }

    /// Java does not tell the number of a descriptor; the kernel does.
    private static int descriptorOf(Path file) throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (var descriptor : descriptors.toList()) {
                if (Files.isSymbolicLink(descriptor)
                        && Files.readSymbolicLink(descriptor).equals(file.toRealPath())) {
                    return Integer.parseInt(descriptor.getFileName().toString());
                }
            }
        }
        throw new AssertionError("the file is not open");
    }

    @Test
    void descriptor_thatIsNotOpen_isRefused() {
        refuses(() -> Passphrase.ofDescriptor(-1));
        refuses(() -> Passphrase.ofDescriptor(999_999));
    }

    @Test
    void insecureFile_thatOthersMayRead_isRefused() throws IOException {
        var file = Files.writeString(folder.resolve("demo"), "demo passphrase");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatExceptionOfType(DeniedException.class).isThrownBy(() -> Passphrase.ofInsecureFile(file));

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        try (var passphrase = Passphrase.ofInsecureFile(file)) {
            assertThat(new String(passphrase.reveal())).isEqualTo("demo passphrase");
        }
    }

    @Test
    void prompt_withoutATerminal_isRefused() {
        refuses(() -> Passphrase.ofPrompt("passphrase: "));
        refuses(() -> Passphrase.ofNewPrompt("passphrase: "));
    }

    @Test
    void generate_isLongAndNeverTheSame() {
        try (var one = Passphrase.generate(new SecureRandom());
                var two = Passphrase.generate(new SecureRandom())) {
            assertThat(one.reveal()).hasSize(43).isNotEqualTo(two.reveal());
        }
    }

    @Test
    void close_overwritesTheCharacters() {
        var passphrase = Passphrase.generate(new SecureRandom());
        passphrase.close();

        assertThat(passphrase.reveal()).containsOnly('\0');
    }

    private static void refuses(ThrowingCallable call) {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(call)
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.PASSPHRASE_REFUSED));
    }
}
