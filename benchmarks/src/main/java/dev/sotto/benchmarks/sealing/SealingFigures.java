package dev.sotto.benchmarks.sealing;

import dev.sotto.keys.CryptoProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/// Measures sealing beside its peers. Prints a figure a line for `./sotto bench sealing`: name, value,
/// unit, peer, value of the peer, `>=` or `<=`, target, separated by tabs, empty where there is none. What it does
/// goes to standard error.
public final class SealingFigures {
    private static final int KEY_BYTES = 32;
    private static final int REWRAPPED = 100_000;
    private static final int PAIRS_A_ROUND = 5;
    private static final int MAX_SLICES = 6;
    private static final String SPEED = "MB/s";
    private static final String MICROS = "us";
    private static final String MILLIS = "ms";

    private SealingFigures() {}

    /// Measures and prints.
    ///
    /// @param arguments how many rounds, then which of `streams`, `cold`, `field`, `random`, `rewrap`, `intake`,
    ///     `rotation`; all without
    public static void main(String[] arguments) throws IOException, GeneralSecurityException, InterruptedException {
        var crypto = CryptoProvider.install();
        if (arguments.length > 0 && arguments[0].equals(Cold.ARGUMENT)) {
            Cold.seal();
            return;
        }
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 9;
        Set<String> parts = arguments.length > 1
                ? Set.copyOf(List.of(arguments).subList(1, arguments.length))
                : Set.of("streams", "cold", "field", "random", "rewrap", "intake", "rotation");
        say("crypto provider %s %s, %d rounds, the median counts"
                .formatted(crypto.provider(), crypto.version(), rounds));
        if (parts.contains("streams")) {
            streams(rounds);
        }
        if (parts.contains("cold")) {
            say("five new JVMs seal 64 MiB each");
            atLeast("sealing.cold-64mb", Cold.measure(5), SPEED, 500);
        }
        if (parts.contains("field")) {
            var field = new Small(rounds).field();
            atMost("sealing.field-160b", Math.max(field.seal(), field.open()), MICROS, 5);
            noted("sealing.field-160b-seal", field.seal(), MICROS);
            noted("sealing.field-160b-open", field.open(), MICROS);
        }
        if (parts.contains("random")) {
            atMost("sealing.random-64k", new Small(rounds).random(), MICROS, 100);
        }
        if (parts.contains("rewrap")) {
            say("%d record keys are made in a database, then wrapped anew".formatted(REWRAPPED));
            atLeast("sealing.rewrap", Rewrapping.measure(REWRAPPED), "keys/s", 5_000);
        }
        if (parts.contains("intake")) {
            intake(rounds);
        }
        if (parts.contains("rotation")) {
            rotation(Math.min(rounds, MAX_SLICES));
        }
    }

    private static void intake(int rounds) throws IOException {
        int pairs = rounds * PAIRS_A_ROUND;
        say("%d calls of 8 minutes are kept sealed and as many in clear, by turns".formatted(pairs));
        var cost = Intake.measure(pairs);
        print(
                "sealing.intake-tax",
                number(cost.sealed()),
                MILLIS,
                "the same store without sealing",
                number(cost.plain()),
                "<=",
                "1.1");
    }

    private static void rotation(int slices) throws IOException, InterruptedException {
        say("64 writers and readers, %d times 5 s without and 5 s with rotations".formatted(slices));
        var load = RotationLoad.measure(slices);
        atMost("sealing.rotation-under-load", load.rotatingP99() - load.calmP99(), MILLIS, 50);
        atMost("sealing.rotation-failed", load.failed(), "", 0);
        noted("sealing.rotation-p99", load.rotatingP99(), MILLIS);
        noted("sealing.rotation-p99-without", load.calmP99(), MILLIS);
        noted("sealing.rotation-operations", load.operations(), "");
        noted("sealing.rotation-keys", load.rotations(), "");
    }

    private static void streams(int rounds) throws IOException, GeneralSecurityException, InterruptedException {
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        List<Contender> contenders = List.of(
                new SottoStream(),
                new RawGcm(key, 16),
                new TinkStream(),
                new EncryptionSdkStream(key),
                new RawGcm(key, 64));
        say("64 MiB sealed and opened by each of %d, in turns".formatted(contenders.size()));
        var speeds = new Streams(rounds).measure(contenders);
        contenders.forEach(Contender::close);
        for (var speed : speeds) {
            say("  %-38s seal %6.0f MB/s   open %6.0f MB/s".formatted(speed.name(), speed.seal(), speed.open()));
        }
        var ours = speeds.getFirst();
        // Both ways have to hold: the way that is worse for Sotto counts.
        compared("sealing.stream-vs-raw", ours, speeds.get(1), 0.75);
        compared("sealing.stream-vs-tink", ours, speeds.get(2), 1.3);
        compared("sealing.stream-vs-aws-esdk", ours, speeds.get(3), 2);
        // What no format over this cipher can pass, in the chunks of Tink.
        noted("sealing.raw-64k-seal", speeds.getLast().seal(), SPEED);
        var openssl = OpenSsl.speed();
        if (openssl.isPresent()) {
            noted("sealing.openssl-speed", openssl.get(), SPEED);
        }
    }

    private static void compared(String figure, Streams.Speed ours, Streams.Speed theirs, double ratio) {
        boolean sealing = ours.seal() / theirs.seal() < ours.open() / theirs.open();
        print(
                figure,
                number(sealing ? ours.seal() : ours.open()),
                SPEED,
                "%s, %s".formatted(theirs.name(), sealing ? "seal" : "open"),
                number(sealing ? theirs.seal() : theirs.open()),
                ">=",
                String.valueOf(ratio));
    }

    private static void atLeast(String figure, double value, String unit, double target) {
        print(figure, number(value), unit, "", "", ">=", String.valueOf(target));
    }

    private static void atMost(String figure, double value, String unit, double target) {
        print(figure, number(value), unit, "", "", "<=", String.valueOf(target));
    }

    private static void noted(String figure, double value, String unit) {
        print(figure, number(value), unit, "", "", "", "");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static void print(String... columns) {
        System.out.println(String.join("\t", Stream.of(columns).toList()));
    }

    private static void say(String words) {
        System.err.println(words);
    }
}
