package dev.sotto.fips;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The distribution as a process of its own, on its own class path, by the real command line.
class FipsNodeIT {
    private static final String MAIN = "dev.sotto.server.Main";
    private static final Path DIST = Path.of("target", "dist");

    @TempDir
    private Path folder;

    private int output;

    /// What a command said. The streams go to files, so that neither can fill up.
    private record Said(int status, String out, String err) {}

    private ProcessBuilder sotto(String classPath, List<String> options, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, MAIN));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectError(folder.resolve("err-" + output++).toFile());
        builder.environment().put("SOTTO_STATE", folder.resolve("state").toString());
        return builder;
    }

    private static Path samples() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isRegularFile(at.resolve("mvnw"))) {
                return at.resolve("samples");
            }
        }
        throw new AssertionError("tests must run inside the project");
    }

    /// What `./sotto` starts with `SOTTO_DIST=fips`.
    private static String ownClassPath() {
        return DIST.resolve("sotto-fips.jar") + File.pathSeparator + DIST.resolve("lib") + File.separator + "*";
    }

    private Said ended(ProcessBuilder builder) throws IOException, InterruptedException {
        Path out = folder.resolve("out-" + output++);
        Process process = builder.redirectOutput(out.toFile()).start();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the command does not end: " + builder.command());
        }
        return new Said(
                process.exitValue(),
                Files.readString(out),
                Files.readString(builder.redirectError().file().toPath()));
    }

    private Said done(String... arguments) throws IOException, InterruptedException {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--data", folder.resolve("data").toString()));
        Said said = ended(sotto(ownClassPath(), List.of(), all.toArray(String[]::new)));
        assertThat(said.status()).as("%s: %s", List.of(arguments), said).isZero();
        return said;
    }

    /// A whole demo: a call over TLS with a voice and a recording, sealed, listed, verified, running and stopped.
    @Test
    @Timeout(400)
    void node_overTheModule_takesACallSealsAndVerifies() throws Exception {
        ProcessBuilder up = sotto(
                ownClassPath(),
                List.of(),
                "up",
                "--demo",
                "--port",
                "0",
                "--data",
                folder.resolve("data").toString());
        Process node = up.start();
        try (var lines = new BufferedReader(new InputStreamReader(node.getInputStream(), UTF_8))) {
            String line = lines.readLine();
            while (line != null && !line.contains("ctrl-c stops it")) {
                line = lines.readLine();
            }
            assertThat(line)
                    .as(Files.readString(up.redirectError().file().toPath()))
                    .isNotNull();

            done("call", "--wav", samples().resolve("appointment.wav").toString(), "--dtmf", "19840512#4417#");
            assertThat(done("keys", "list").out())
                    .contains(" class ", "crypto: BCFIPS ", "approved mode only", "CMVP 4943");
            Path plain = Files.writeString(folder.resolve("plain"), "for a drill");
            Path sealed = folder.resolve("sealed");
            Path opened = folder.resolve("opened");
            done("seal", plain.toString(), sealed.toString(), "--name", "drill");
            done("open", sealed.toString(), opened.toString(), "--name", "drill");
            assertThat(opened).hasContent("for a drill");
            done("audit", "verify");
        } finally {
            node.destroy();
            if (!node.waitFor(60, TimeUnit.SECONDS)) {
                node.destroyForcibly();
            }
        }
        done("audit", "verify");
        done("keys", "rotate");
        assertThat(done("keys", "list").out()).contains("crypto: BCFIPS ");
    }

    @Test
    @Timeout(120)
    void start_withApprovedModeSwitchedOff_isRefused() throws Exception {
        assertRefused(
                ended(sotto(ownClassPath(), List.of("-Dorg.bouncycastle.fips.approved_only=false"), "version")),
                "org.bouncycastle.fips.approved_only is switched off");
    }

    @Test
    @Timeout(120)
    void start_withAnotherLibraryOnTheClassPath_isRefused() throws Exception {
        Path foreign = folder.resolve("foreign/org/bouncycastle/jce/provider");
        Files.createDirectories(foreign);
        Files.createFile(foreign.resolve("BouncyCastleProvider.class"));

        assertRefused(
                ended(sotto(ownClassPath() + File.pathSeparator + folder.resolve("foreign"), List.of(), "version")),
                "the class path has bcprov");
    }

    @Test
    @Timeout(120)
    void start_withoutTheModule_isRefused() throws Exception {
        String rest;
        try (Stream<Path> libraries = Files.list(DIST.resolve("lib"))) {
            rest = libraries
                    .filter(library -> !library.getFileName().toString().startsWith("bc-fips-"))
                    .map(Path::toString)
                    .collect(Collectors.joining(File.pathSeparator));
        }
        String classPath = DIST.resolve("sotto-fips.jar") + File.pathSeparator + rest;

        assertRefused(ended(sotto(classPath, List.of(), "version")), "the module cannot be loaded");
    }

    /// What the configuration of the JVM puts first is taken out again.
    @Test
    @Timeout(120)
    void start_withOtherProvidersConfigured_takesThemOut() throws Exception {
        Path security =
                Files.writeString(folder.resolve("security"), "security.provider.1=SunJCE\nsecurity.provider.2=SUN\n");

        Said said = ended(sotto(ownClassPath(), List.of("-Djava.security.properties=" + security), "version"));

        assertThat(said.status()).as("%s", said).isZero();
        assertThat(said.out()).startsWith("sotto ");
    }

    private static void assertRefused(Said said, String why) {
        assertThat(said.status()).as("%s", said).isNotZero();
        assertThat(said.out()).isEmpty();
        assertThat(said.err())
                .startsWith("sotto: the FIPS distribution does not start: ")
                .contains(why, "\nhint: ");
    }
}
