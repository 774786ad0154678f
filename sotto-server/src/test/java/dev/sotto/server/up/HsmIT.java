package dev.sotto.server.up;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A node whose root key is in a token of a real SoftHSM: it starts, starts again, and does not start without it.
class HsmIT {
    private static final List<Path> LIBRARIES = List.of(
            Path.of("/usr/lib/softhsm/libsofthsm2.so"),
            Path.of("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
            Path.of("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"));
    private static final String ROOT = "pkcs11:clinic/root-1";
    private static final String INDEX = "pkcs11:clinic/index-1";
    private static final String PIN = "4410-9127-pin";

    @TempDir
    private Path folder;

    private Path config;

    @BeforeEach
    void makeToken() throws Exception {
        var library = LIBRARIES.stream().filter(Files::isRegularFile).findFirst();
        assumeTrue(
                library.isPresent() && !"missing".equals(System.getProperty("sotto.softhsm")),
                "SoftHSM is not here: apt-get install --no-install-recommends softhsm2");
        Files.createDirectories(folder.resolve("tokens"));
        Files.createDirectories(folder.resolve("credentials"));
        Files.writeString(folder.resolve("credentials/pin"), PIN);
        Files.writeString(folder.resolve("softhsm2.conf"), "directories.tokendir = " + folder.resolve("tokens"));
        run(builder(List.of(
                "softhsm2-util", "--init-token", "--free", "--label", "clinic", "--pin", PIN, "--so-pin", PIN)));
        config = Files.writeString(folder.resolve("sotto.conf"), """
                keys.root = %s
                keys.kms.pkcs11.library = %s
                keys.kms.pkcs11.token = clinic
                keys.kms.pkcs11.pin-credential = pin
                keys.blind-index = %s
                """.formatted(ROOT, library.get(), INDEX));
        assertThat(run(createRoot(ROOT))).endsWith("keys.root = %s\n".formatted(ROOT));
        assertThat(run(createIndex(INDEX))).endsWith("keys.blind-index = %s\n".formatted(INDEX));
    }

    private ProcessBuilder createIndex(String uri) {
        return sotto(List.of("keys", "create-index", "--uri", uri, "--config", config.toString()));
    }

    private ProcessBuilder createRoot(String uri) {
        return sotto(List.of("keys", "create-root", "--uri", uri, "--config", config.toString()));
    }

    @Test
    void createRoot_ofATakenLabel_ofAnotherToken_orOfNone_isRefused() throws Exception {
        refuses(createRoot(ROOT), 2, "token has a key of the label (root-1) already");
        refuses(
                createIndex(INDEX),
                2,
                "token has a key of the label (%s) already".formatted(INDEX.substring(INDEX.indexOf('/') + 1)));
        refuses(createRoot("pkcs11:other/root-2"), 2, "key uri must be pkcs11:clinic/<label>");
        refuses(createRoot("vault:transit/root-2"), 2, "--uri (vault:transit/root-2) must be pkcs11:");
        refuses(sotto(List.of("keys", "create-root", "--uri", "pkcs11:clinic/root-2")), 2, "no token is set up");
        assertThat(run(createRoot("pkcs11:clinic/root-2"))).endsWith("keys.root = pkcs11:clinic/root-2\n");
        assertThat(errors()).doesNotContain(PIN);
    }

    private static List<String> java(String main, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        command.addAll(arguments);
        return command;
    }

    private ProcessBuilder builder(List<String> command) {
        var builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectError(folder.resolve("errors").toFile());
        builder.environment().put("SOTTO_STATE", folder.resolve("state").toString());
        builder.environment()
                .put("SOFTHSM2_CONF", folder.resolve("softhsm2.conf").toString());
        builder.environment()
                .put("CREDENTIALS_DIRECTORY", folder.resolve("credentials").toString());
        return builder;
    }

    private String run(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s", errors()).isZero();
        return printed;
    }

    private String errors() throws IOException {
        Path errors = folder.resolve("errors");
        return Files.exists(errors) ? Files.readString(errors) : "";
    }

    private Process up() throws IOException {
        return sotto(List.of("up", "--demo", "--port", "0", "--config", config.toString()))
                .start();
    }

    private ProcessBuilder sotto(List<String> arguments) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--data", folder.resolve("data").toString()));
        return builder(java("dev.sotto.server.Main", all));
    }

    /// Waits until the node is ready, then stops it in order.
    private void upAndDown() throws Exception {
        Process process = up();
        try (var output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            String line = output.readLine();
            while (line != null && !line.contains("is ready after")) {
                line = output.readLine();
            }
            assertThat(line).as("%s", errors()).isNotNull();
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    @Timeout(180)
    void node_withItsRootKeyInAToken_startsAgain_andNotWithoutIt() throws Exception {
        upAndDown();
        upAndDown();

        Path log = folder.resolve("log.json");
        run(sotto(List.of("audit", "export", "--output", log.toString())));
        assertThat(bodies(log))
                .anyMatch(body -> body.contains("\"wrapped_by\":\"" + ROOT + "\""))
                .anyMatch(body -> body.contains("\"name\":\"blind-index/subject-birth-phone\"")
                        && body.contains("\"algorithm\":\"kms-hmac-sha-256\"")
                        && body.contains("\"wrapped_by\":\"" + INDEX + "\""))
                .noneMatch(body -> body.contains("local:primary"));

        String settings = Files.readString(config);
        Files.writeString(config, settings.replace(INDEX, INDEX + "-none"));
        refusesToStart("keys.blind-index (" + INDEX + "-none) computes no hmac");
        Files.writeString(config, settings);

        Files.writeString(folder.resolve("credentials/pin"), "0000-0000-bad");
        refusesToStart("token (clinic) refuses the pin");
        Files.writeString(folder.resolve("credentials/pin"), PIN);
        Files.move(folder.resolve("tokens"), folder.resolve("away"));
        Files.createDirectories(folder.resolve("tokens"));
        refusesToStart("tokens of the label (clinic) must be one, there are 0");
        Files.delete(folder.resolve("tokens"));
        Files.move(folder.resolve("away"), folder.resolve("tokens"));

        upAndDown();
    }

    /// Tools on the data of the stopped node go by the configuration that it last ran with.
    @Test
    @Timeout(180)
    void toolsOnAStoppedNode_useTheRootKeyInTheToken() throws Exception {
        upAndDown();
        Path plain = Files.writeString(folder.resolve("plain"), "to be sealed");
        Path sealed = folder.resolve("sealed");
        Path opened = folder.resolve("opened");

        run(sotto(List.of("seal", plain.toString(), sealed.toString())));
        run(sotto(List.of("keys", "rotate")));
        assertThat(run(sotto(List.of("keys", "rewrap")))).endsWith("0 left\n");
        run(sotto(List.of("open", sealed.toString(), opened.toString())));
        assertThat(opened).hasContent("to be sealed");
        assertThat(run(sotto(List.of("audit", "verify")))).startsWith("intact");

        // The node's own secret is in the token too: without it not even the database opens.
        Path without = Files.writeString(folder.resolve("without.conf"), "server.log-level = warn\n");
        refuses(
                sotto(List.of("keys", "list", "--config", without.toString())),
                2,
                "is under the root key (%s), and that key service is not set up".formatted(ROOT));

        Files.move(config, folder.resolve("moved.conf"));
        refuses(sotto(List.of("keys", "list")), 2, "(%s) that the node last ran with is not there".formatted(config));
        run(sotto(List.of(
                "keys", "rotate", "--config", folder.resolve("moved.conf").toString())));
    }

    private void refuses(ProcessBuilder command, int status, String why) throws Exception {
        Process process = command.start();
        process.getInputStream().readAllBytes();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s", errors()).isEqualTo(status);
        assertThat(errors()).contains(why);
    }

    /// What the entries of an exported log hold.
    private static List<String> bodies(Path log) throws IOException {
        return Pattern.compile("\"body\":\"([^\"]+)\"")
                .matcher(Files.readString(log))
                .results()
                .map(body -> new String(Base64.getDecoder().decode(body.group(1)), UTF_8))
                .toList();
    }

    private void refusesToStart(String why) throws Exception {
        Process process = up();
        assertThat(new String(process.getInputStream().readAllBytes(), UTF_8)).doesNotContain("is ready after");
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isNotZero();
        assertThat(errors()).containsIgnoringCase(why).doesNotContain(PIN).doesNotContain("0000-0000-bad");
    }
}
