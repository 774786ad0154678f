package dev.sotto.kms.pkcs11;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs the commands of `examples/seal-with-softhsm/README.md`, but for the build and the prompt.
class SoftHsmExampleTest {
    private static final long SECONDS = 120;

    @TempDir
    private Path folder;

    @Test
    void commandsOfTheReadme_sealAFileAndOpenIt_andRefuseARenamedOne() throws Exception {
        SoftHsm.library(); // skips without SoftHSM
        var root = root();
        var readme = Files.readString(root.resolve("examples/seal-with-softhsm/README.md"));
        var commands = new StringBuilder(
                "set -eu\nexport PATH=" + Path.of(System.getProperty("java.home"), "bin") + ":$PATH\npin=5512-8830\n");
        for (int at = readme.indexOf("```sh\n"); at >= 0; at = readme.indexOf("```sh\n", at + 1)) {
            commands.append(readme, at + "```sh\n".length(), readme.indexOf("\n```\n", at))
                    .append('\n');
        }
        var script = commands.toString()
                .replaceAll("(?m)^\\./mvnw .*$", "")
                .replaceAll("(?m)^read -rs .*$", "")
                .replace("$(mktemp -d)", folder.toString())
                .replace("sotto-core/target/*:sotto-keys/target/*:sotto-kms-pkcs11/target/*", classPath())
                .replaceAll("(?m)^sotto_seal open \\$work/other.txt", "sotto_seal open \\$work/other.txt || exit 9");

        var process = new ProcessBuilder("bash", "-c", script)
                .directory(root.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        var output = Files.readString(folder.resolve("output"), UTF_8);

        assertThat(process.exitValue()).as(output).isEqualTo(9);
        assertThat(output).contains("hello\n").contains("error: sealed data did not open");
        assertThat(folder.resolve("other.txt.opened")).isEmptyFile();
        assertThat(Files.readString(folder.resolve("letter.txt.opened"), UTF_8)).isEqualTo("hello\n");
        assertThat(Files.readAllBytes(folder.resolve("letter.txt.sealed")).length)
                .isGreaterThan(89);
    }

    private static String classPath() {
        return System.getProperty("java.class.path");
    }

    private static Path root() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isRegularFile(at.resolve("mvnw"))) {
                return at;
            }
        }
        throw new AssertionError("tests must run inside the project");
    }
}
