package dev.sotto.kms.pkcs11;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sotto.core.Meter;
import dev.sotto.keys.KmsCallLimits;
import dev.sotto.keys.Passphrase;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A real SoftHSM 2 with fresh tokens, one set a test process: the library sees tokens only that were there when it
/// was loaded. Skips the test where SoftHSM is not installed.
@SuppressWarnings("restricted") // pulls the token out by calling the C library
final class SoftHsm {
    static final String TOKEN = "sotto";
    static final String FAULTY = "sotto-faulty";
    static final String PINS = "sotto-pins";
    static final String TWICE = "sotto-twice";
    static final String PIN = "9127-4410-pin";

    private static final List<Path> LIBRARIES = List.of(
            Path.of("/usr/lib/softhsm/libsofthsm2.so"),
            Path.of("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
            Path.of("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
            Path.of("/usr/lib64/pkcs11/libsofthsm2.so"));
    private static final KmsCallLimits LIMITS = new KmsCallLimits(
            Duration.ofSeconds(10), Duration.ofSeconds(20), 6, Duration.ofMillis(50), Duration.ofMillis(200), 8);

    private static boolean tokensMade;

    private SoftHsm() {}

    static synchronized Path library() throws IOException, InterruptedException {
        var library = LIBRARIES.stream().filter(Files::isRegularFile).findFirst();
        assumeTrue(
                library.isPresent() && !"missing".equals(System.getProperty("sotto.softhsm")),
                "SoftHSM is not here: apt-get install --no-install-recommends softhsm2");
        if (!tokensMade) {
            makeTokens();
            tokensMade = true;
        }
        return library.get();
    }

    static Pkcs11Config config(String token) throws IOException, InterruptedException {
        return new Pkcs11Config(library(), token, LIMITS);
    }

    static Pkcs11Kms open(String token) throws IOException, InterruptedException {
        return open(token, PIN, Meter.none());
    }

    static Pkcs11Kms open(String token, String pin, Meter meter) throws IOException, InterruptedException {
        var file = Files.createTempFile(
                "pin", "", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.writeString(file, pin);
            try (var passphrase = Passphrase.ofInsecureFile(file)) {
                return Pkcs11Kms.open(config(token), passphrase, new SecureRandom(), meter);
            }
        } finally {
            Files.delete(file);
        }
    }

    /// What a token that is pulled out does: every session of the process ends, and with them the login.
    static void endAllSessions(String token) throws Exception {
        var cryptoki = Cryptoki.load(library());
        for (var each : cryptoki.tokens()) {
            if (each.label().equals(token)) {
                var form = FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);
                invoke("C_CloseAllSessions", form, each.slot());
            }
        }
    }

    /// What a library does whose device is gone for good: it knows nothing any more.
    static void finish() throws Exception {
        var form = FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
        invoke("C_Finalize", form, MemorySegment.NULL);
    }

    private static void invoke(String name, FunctionDescriptor form, Object argument) throws Exception {
        var function = SymbolLookup.libraryLookup(library(), Arena.global()).findOrThrow(name);
        try {
            long code =
                    (long) Linker.nativeLinker().downcallHandle(function, form).invokeWithArguments(argument);
            if (code != 0) {
                throw new IllegalStateException(name + " answered " + code);
            }
        } catch (Error | Exception failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static void makeTokens() throws IOException, InterruptedException {
        var config = Path.of(System.getenv("SOFTHSM2_CONF"));
        var folder = config.getParent();
        if (Files.isDirectory(folder)) {
            try (var files = Files.walk(folder)) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        Files.createDirectories(folder.resolve("tokens"));
        Files.writeString(
                config,
                "directories.tokendir = %s%nobjectstore.backend = file%nlog.level = ERROR%nslots.removable = false%n"
                        .formatted(folder.resolve("tokens")));
        for (var label : List.of(TOKEN, FAULTY, PINS, TWICE)) {
            run("softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", PIN);
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(new ArrayList<>(List.of(command)))
                .redirectErrorStream(true)
                .start();
        var output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IllegalStateException(output);
        }
    }
}
