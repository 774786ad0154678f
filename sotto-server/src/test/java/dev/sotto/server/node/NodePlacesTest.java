package dev.sotto.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ConflictException;
import dev.sotto.core.RejectedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodePlacesTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    private Path folder;

    @Test
    void state_isNeverInsideTheData() {
        var data = new DataDirectory(folder.resolve("data"));
        var state = StateDirectory.of(
                data, Map.of("SOTTO_STATE", folder.resolve("state").toString()));

        assertThat(state.root())
                .isEqualTo(folder.resolve("state").resolve(state.root().getFileName()));
        assertThat(state.root().getFileName().toString()).matches("data-[0-9a-f]{8}");
    }

    @Test
    void state_ofTwoDataDirectoriesOfOneName_differs() {
        var environment = Map.of("SOTTO_STATE", folder.toString());

        assertThat(StateDirectory.of(new DataDirectory(Path.of("/a/data")), environment))
                .isNotEqualTo(StateDirectory.of(new DataDirectory(Path.of("/b/data")), environment));
    }

    @Test
    void claim_remembersWhoseTheDataIs() throws IOException {
        var data = new DataDirectory(folder.resolve("data"));
        data.claim(true, RANDOM);
        String nodeId = data.nodeId();
        data.claim(true, RANDOM);

        assertThat(data.nodeId()).isEqualTo(nodeId).matches("node-[0-9a-f]{8}");
        assertThat(data.isDemo()).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.root())))
                .isEqualTo("rwx------");
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> data.claim(false, RANDOM))
                .withMessageContaining("holds a demo node");
    }

    @Test
    void settings_areThoseGivenElseThoseLastRunWithElseTheDefaults() throws IOException {
        var places = NodePlaces.below(folder);
        places.state().create();
        Path file = Files.writeString(folder.resolve("a.conf"), "server.port = 7001\n");
        Path other = Files.writeString(folder.resolve("b.conf"), "server.port = 7002\n");

        assertThat(places.settings(Optional.empty())).isEqualTo(NodeConfig.defaults());
        places.noteConfig(Optional.of(file));
        assertThat(places.settings(Optional.empty()).server().port()).isEqualTo(7001);
        assertThat(places.settings(Optional.of(other)).server().port()).isEqualTo(7002);
        Files.delete(file);
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> places.settings(Optional.empty()))
                .withMessageContaining("(%s) that the node last ran with is not there".formatted(file));
        places.noteConfig(Optional.empty());
        assertThat(places.settings(Optional.empty())).isEqualTo(NodeConfig.defaults());
    }

    @Test
    void claim_ofSomebodyElsesFolder_isRefused() throws IOException {
        Files.writeString(folder.resolve("letter.txt"), "dear");

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> new DataDirectory(folder).claim(true, RANDOM))
                .withMessageContaining("is not empty and holds no node");
    }

    @Test
    void lock_isHeldByOneAtATime() throws IOException {
        Path file = folder.resolve("lock");
        try (var held = DirectoryLock.acquire(file)) {
            assertThat(held).isNotNull();
            assertThatExceptionOfType(ConflictException.class)
                    .isThrownBy(() -> DirectoryLock.acquire(file))
                    .withMessageContaining("a node runs on this data directory");
        }
        DirectoryLock.acquire(file).close();
    }

    @Test
    void read_ofFileOpenToOthers_isRefused() throws IOException {
        Path file = folder.resolve("token");
        PrivateFiles.write(file, "secret");
        assertThat(PrivateFiles.readText(file)).isEqualTo("secret");

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> PrivateFiles.readText(file))
                .withMessageContaining("can be read or written by others")
                .withMessageNotContaining("secret\"");
    }

    @Test
    void secret_isReadFromItsClosedFileOnly() throws IOException {
        var state = new StateDirectory(folder);
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> Secrets.read(state, "twilio-token"))
                .withMessageContaining("secret://twilio-token is not there")
                .withMessageContaining("hint: write it to " + folder.resolve("secrets/twilio-token"));

        PrivateFiles.directory(state.secrets());
        PrivateFiles.write(folder.resolve("secrets/twilio-token"), "token\n");

        assertThat(Secrets.read(state, "twilio-token").reveal()).isEqualTo("token");
    }
}
