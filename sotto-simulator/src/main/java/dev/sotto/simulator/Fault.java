package dev.sotto.simulator;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// Something that a simulated service does wrong, by name. In a scene a fault stands at a step; a test can also ask for
/// it by [ModelSimulator#inject]. Immutable.
///
/// @param delay for [Kind#DELAY] how long the first byte is held back; otherwise zero
public record Fault(Kind kind, Duration delay) {
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /// What goes wrong.
    public enum Kind {
        /// The first byte comes late.
        DELAY,
        /// The answer begins, then nothing more comes and the connection stays open.
        STALL,
        /// The answer begins, then the connection is cut.
        CLOSE,
        /// HTTP status 429 with `Retry-After`; in Realtime, a response that failed.
        RATE_LIMITED,
        /// HTTP status 500; in Realtime, a response that failed.
        SERVER_ERROR,
        /// JSON that ends in the middle.
        BROKEN_JSON,
        /// An answer that never ends.
        ENDLESS,
        /// A call of a tool that nobody declared.
        UNKNOWN_TOOL,
        /// A placeholder that no guard has given out, in the words and in a tool's arguments.
        INVENTED_TOKEN,
        /// The model says that the caller is verified and calls a tool as if that were so.
        CLAIMS_VERIFIED,
        /// The model says again what the caller said.
        ECHO,
        /// One frame or event of 10 MiB.
        HUGE_FRAME,
        /// The events of an answer in another order than documented.
        OUT_OF_ORDER,
        /// Partial transcripts come, the final one never does.
        NEVER_FINAL;

        /// The name in a scene file, such as `rate-limited`.
        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static Optional<Kind> named(String word) {
            for (Kind kind : values()) {
                if (kind.word().equals(word)) {
                    return Optional.of(kind);
                }
            }
            return Optional.empty();
        }
    }

    public Fault {
        requireNonNull(kind, "kind");
        if (delay.isNegative() || delay.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("delay (%s) must be in 0 to %s".formatted(delay, LONGEST));
        }
        if (kind == Kind.DELAY == delay.isZero()) {
            throw new IllegalArgumentException("delay (%s) does not fit a fault %s".formatted(delay, kind.word()));
        }
    }

    public static Fault of(Kind kind) {
        return new Fault(kind, Duration.ZERO);
    }

    public static Fault delay(Duration delay) {
        return new Fault(Kind.DELAY, delay);
    }
}
