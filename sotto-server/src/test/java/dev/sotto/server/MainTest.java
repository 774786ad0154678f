package dev.sotto.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.CheckpointKeys;
import dev.sotto.server.node.DataDirectory;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    private int run(String... args) {
        return Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "up --prot 1 | unknown option (--prot)",
                "frobnicate | unknown command (frobnicate)",
                "up extra | unknown argument (extra)",
                "call --wav | missing",
                "audit export | missing required option: '--output=F'",
                "up --port x | invalid value for option '--port'",
                "up --port 70000 | --port (70000) must be 0 to 65534",
                "up --config /nowhere.conf | the configuration file (/nowhere.conf) cannot be read",
                "call --dtmf 1# | missing required option: '--wav=FILE'",
                "bench calls --calls 0 | --calls (0) must be 1 to 500",
                "call --wav /nowhere.wav | --wav (/nowhere.wav) is no file",
                "version --verbose | unknown option (--verbose)"
            })
    void wrongUse_isOneLowerCaseLineAndAHint(String args, String message) {
        int status = run(args.split(" "));

        assertThat(status).isEqualTo(2);
        assertThat(err.toString().lines()).hasSize(2);
        assertThat(err.toString().lines().toList().getFirst())
                .startsWith("sotto: ")
                .containsIgnoringCase(message);
        assertThat(err.toString().lines().toList().getLast()).startsWith("hint: ");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void auditVerify_ofNoNode_isUnusableInput() {
        assertThat(run("audit", "verify", "--data", folder.resolve("none").toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("holds no node");
    }

    @Test
    void auditVerify_ofAFileThatIsNoLog_isUnusableInput() throws Exception {
        Path keys = folder.resolve("keys");
        Files.writeString(
                keys,
                CheckpointKeys.generate("sotto.local/audit/test").publicKeys().format());

        assertThat(run(
                        "audit",
                        "verify",
                        "--keys",
                        keys.toString(),
                        "--file",
                        folder.resolve("none").toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("hint: ");
    }

    @Test
    void open_ofAMissingFile_isUnusableInputAndWritesNothing() {
        Path target = folder.resolve("out");

        assertThat(run("open", folder.resolve("in").toString(), target.toString()))
                .isEqualTo(2);
        assertThat(target).doesNotExist();
    }

    @Test
    void seal_overAFile_isRefusedAndLeavesIt() throws Exception {
        Path in = Files.writeString(folder.resolve("in"), "text");
        Path target = Files.writeString(folder.resolve("out"), "kept");

        assertThat(run("seal", in.toString(), target.toString())).isEqualTo(2);
        assertThat(target).hasContent("kept");
    }

    @Test
    void version_isOneLine() {
        assertThat(run("version")).isZero();
        assertThat(out.toString()).matches("sotto \\S+, java 2\\d.*\\R");
    }

    @Test
    void help_namesEveryCommandButTheBuildsOwn() {
        assertThat(run("help")).isZero();
        assertThat(out.toString())
                .contains("up", "call", "audit", "keys", "seal", "open", "bench", "version")
                .doesNotContain("aot-train");
    }

    @Test
    void standardData_isInTheHomeFolder() {
        assertThat(DataDirectory.standard().root().getFileName()).hasToString("sotto");
    }
}
