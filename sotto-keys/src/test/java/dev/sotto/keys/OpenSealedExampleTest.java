package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Runs the decoder of `examples/open-sealed`, which shares no code with this module, against the vectors.
class OpenSealedExampleTest {
    private static final long SECONDS = 60;

    @Test
    void independentDecoder_opensEveryVectorAndRefusesEveryAlteration() throws Exception {
        assumeTrue(
                run("-c", "import cryptography").code() == 0,
                "python3 with the cryptography package is not here: apt install python3-cryptography");

        var result = run(script("open_sealed.py").toString());

        assertThat(result.output()).isEqualTo("5 keys unwrapped, 4 values opened, every alteration refused\n");
        assertThat(result.code()).isZero();
    }

    /// X-Wing needs a package of 2026; an older one says that it left it out.
    @Test
    void independentDecoder_opensExportsAndRefusesEveryAlteration() throws Exception {
        assumeTrue(
                run("-c", "import cryptography").code() == 0,
                "python3 with the cryptography package is not here: apt install python3-cryptography");

        var result = run(script("open_export.py").toString());

        assertThat(result.output())
                .isIn(
                        "2 exports opened, every alteration refused\n",
                        "1 exports opened, every alteration refused; not here: x-wing\n");
        assertThat(result.code()).isZero();
    }

    private record Result(int code, String output) {}

    private static Result run(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add("python3");
        command.addAll(List.of(arguments));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException absent) {
            return new Result(-1, "");
        }
        var output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return new Result(process.waitFor(), output);
    }

    private static Path script(String name) {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isRegularFile(at.resolve("mvnw"))) {
                return at.resolve("examples/open-sealed").resolve(name);
            }
        }
        throw new AssertionError("tests must run inside the project");
    }
}
