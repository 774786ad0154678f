package dev.sotto.benchmarks.sealing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// What OpenSSL's own measurement says of this machine, where it is installed.
final class OpenSsl {
    private static final Pattern RESULT = Pattern.compile("(?im)^AES-256-GCM\\s+([0-9.]+)k\\s*$");
    private static final double KILO = 1e3;
    private static final int PATIENCE_SECONDS = 20;

    private OpenSsl() {}

    /// Megabytes a second, in blocks of 16 KiB.
    static Optional<Double> speed() throws InterruptedException {
        try {
            Process process = new ProcessBuilder(
                            "openssl", "speed", "-elapsed", "-seconds", "2", "-bytes", "16384", "-evp", "aes-256-gcm")
                    .redirectErrorStream(true)
                    .start();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            var result = RESULT.matcher(printed);
            return result.find() ? Optional.of(Double.parseDouble(result.group(1)) / KILO) : Optional.empty();
        } catch (IOException absent) {
            return Optional.empty();
        }
    }
}
