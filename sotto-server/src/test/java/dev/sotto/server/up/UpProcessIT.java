package dev.sotto.server.up;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.Verification;
import dev.sotto.server.node.DataDirectory;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.Offline;
import dev.sotto.server.node.PassphraseSource;
import dev.sotto.server.node.StateDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class UpProcessIT {
    @TempDir
    private Path folder;

    private Process sotto(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.sotto.server.Main"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--data", folder.resolve("data").toString()));
        var builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectError(folder.resolve("errors").toFile());
        builder.environment().put("SOTTO_STATE", folder.resolve("state").toString());
        return builder.start();
    }

    private static List<String> linesUntil(BufferedReader reader, String last) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            lines.add(line);
            if (line.contains(last)) {
                break;
            }
        }
        return lines;
    }

    @Test
    @Timeout(120)
    void up_untilSigterm_saysWhereItIsAndStopsInOrder() throws Exception {
        Process process = sotto("up", "--demo", "--port", "0");
        List<String> said;
        try (var output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            said = linesUntil(output, "ctrl-c stops it");
            Process second = sotto("up", "--demo", "--port", "0");
            assertThat(second.waitFor()).isEqualTo(3);
            assertThat(folder.resolve("errors")).content().contains("a node runs on this data directory", "hint: ");

            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(String.join("\n", said))
                .containsPattern("^sotto \\S+ is ready after \\d+\\.\\d s")
                .contains("dashboard  https://localhost:")
                .containsPattern("set up +https://localhost:\\d+/setup\\?token=[A-Za-z0-9_-]{43}\\b")
                .contains("media      https://localhost:")
                .containsPattern("authority +SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}")
                .contains("insecure", "Lakeside Clinic");
        var data = new DataDirectory(folder.resolve("data"));
        var places = new NodePlaces(data, StateDirectory.below(folder.resolve("state"), data));
        assertThat(places.state().root().resolve("node.json")).doesNotExist();
        assertThat(places.state().root().resolve("operator-token")).doesNotExist();
        try (Offline offline = Offline.open(places, NodeConfig.defaults(), new PassphraseSource(Optional.empty()))) {
            assertThat(offline.verifyAudit(Optional.empty()))
                    .isInstanceOfSatisfying(
                            Verification.Intact.class,
                            intact -> assertThat(intact.unsigned()).isZero());
        }
    }

    @Test
    @Timeout(60)
    void up_withoutAPassphrase_isNotAvailableAndLeavesNoKeys() throws Exception {
        assertThat(sotto("up", "--port", "0").waitFor()).isEqualTo(3);

        assertThat(Files.readString(folder.resolve("errors"))).contains("passphrase", "hint: ", "--passphrase-fd");
        assertThat(folder.resolve("data/kms.p12")).doesNotExist();
    }
}
