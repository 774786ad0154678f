package dev.sotto.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `./sotto recipient`, `seal --to` and `open --key`, without a node.
class RecipientCommandTest {
    private static final String WORDS = "correct horse battery staple";

    @TempDir
    private Path folder;

    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();

    private int run(String... args) {
        out = new StringWriter();
        err = new StringWriter();
        return Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
    }

    /// With the passphrase in an open file of this process.
    private int runWith(String passphrase, String... args) throws IOException {
        Path file = Files.createTempFile(
                folder,
                "passphrase",
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, passphrase);
        try (var _ = new FileInputStream(file.toFile())) {
            var whole = new ArrayList<>(List.of(args));
            whole.add("--passphrase-fd");
            whole.add(descriptor(file));
            return run(whole.toArray(String[]::new));
        }
    }

    private static String descriptor(Path file) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(Files::exists)
                    .filter(link -> isSame(link, file))
                    .findFirst()
                    .orElseThrow()
                    .getFileName()
                    .toString();
        }
    }

    private static boolean isSame(Path link, Path file) {
        try {
            return Files.isSameFile(link, file);
        } catch (IOException gone) {
            return false;
        }
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    private void recipient(String name, String... more) throws IOException {
        var args = new ArrayList<>(List.of("recipient", path(name)));
        args.addAll(List.of(more));
        assertThat(runWith(WORDS, args.toArray(String[]::new))).as("%s", err).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-wing", "x25519"})
    void file_sealedForARecipient_opensWithItsKeyOnly(String suite) throws Exception {
        recipient("mine", "--suite", suite);
        recipient("another", "--suite", suite);
        byte[] plain = "what the clinic hands over".repeat(4_000).getBytes(UTF_8);
        Files.write(folder.resolve("plain"), plain);

        assertThat(run("seal", "--to", path("mine.pub"), path("plain"), path("sealed")))
                .as("%s", err)
                .isZero();
        assertThat(Files.readAllBytes(folder.resolve("sealed"))).isNotEqualTo(plain);
        assertThat(runWith(WORDS, "open", "--key", path("mine"), path("sealed"), path("opened")))
                .as("%s", err)
                .isZero();
        assertThat(folder.resolve("opened")).hasBinaryContent(plain);

        assertThat(runWith(WORDS, "open", "--key", path("another"), path("sealed"), path("stolen")))
                .isEqualTo(ExitStatus.NEGATIVE);
        assertThat(err.toString()).contains("sealed_data_invalid");
        assertThat(folder.resolve("stolen")).doesNotExist();
    }

    @Test
    void alteredFile_doesNotOpen_andLeavesNothing() throws Exception {
        recipient("mine");
        Files.writeString(folder.resolve("plain"), "words ".repeat(10_000));
        assertThat(run("seal", "--to", path("mine.pub"), path("plain"), path("sealed")))
                .isZero();
        byte[] sealed = Files.readAllBytes(folder.resolve("sealed"));
        sealed[sealed.length / 2] ^= 1;
        Files.write(folder.resolve("sealed"), sealed);

        assertThat(runWith(WORDS, "open", "--key", path("mine"), path("sealed"), path("opened")))
                .isEqualTo(ExitStatus.NEGATIVE);
        assertThat(folder.resolve("opened")).doesNotExist();
    }

    @Test
    void privateKey_isForItsOwnerAndItsPassphrase() throws Exception {
        recipient("mine");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("mine"))))
                .isEqualTo("rw-------");
        Files.writeString(folder.resolve("plain"), "words");
        assertThat(run("seal", "--to", path("mine.pub"), path("plain"), path("sealed")))
                .isZero();

        assertThat(runWith("another passphrase", "open", "--key", path("mine"), path("sealed"), path("opened")))
                .isNotZero();
        assertThat(err.toString()).contains("recipient_key_refused").doesNotContain("another passphrase");
        assertThat(folder.resolve("opened")).doesNotExist();
        assertThat(runWith(WORDS, "recipient", path("mine")))
                .as("a key is never written over")
                .isNotZero();
    }
}
