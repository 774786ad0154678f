package dev.sotto.server.call;

import dev.sotto.media.AudioClip;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Says what a recording says, then keys groups of digits: each when the agent has asked, that is when it pauses or
/// has spoken for a while. Hangs up once it has its answer. Belongs to the thread of its call.
final class PatientCaller implements Caller {
    private static final Duration PATIENCE = Duration.ofMillis(2_500);
    private static final Duration PAUSE = Duration.ofMillis(700);
    private static final Duration BETWEEN_KEYS = Duration.ofMillis(120);
    private static final Duration AFTER_ANSWER = Duration.ofMillis(1_500);
    private static final Duration QUIET_END = Duration.ofSeconds(4);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final AudioClip speech;
    private final Deque<String> groups;
    private final BooleanSupplier answered;
    private final Deque<Character> keys = new ArrayDeque<>();
    private int spoken;
    private Duration lastAct = Duration.ZERO;
    private Optional<Duration> answeredAt = Optional.empty();

    /// @param groups digits to key, each ending as the agent wants it to
    /// @param answered whether the agent is known to have read what the caller wanted
    PatientCaller(AudioClip speech, List<String> groups, BooleanSupplier answered) {
        this.speech = speech;
        this.groups = new ArrayDeque<>(groups);
        this.answered = answered;
    }

    /// Splits `19840512#4417#` after each pound; what has none stands alone.
    static List<String> groups(String digits) {
        return digits.isEmpty() ? List.of() : List.of(digits.split("(?<=#)"));
    }

    @Override
    public Move next(Hearing hearing) {
        if (spoken < speech.sizeBytes()) {
            Frame frame = Frame.of(speech, spoken);
            spoken += Frame.BYTES;
            lastAct = hearing.since();
            return Move.says(frame);
        }
        if (keys.isEmpty() && !groups.isEmpty() && isAsked(hearing)) {
            groups.removeFirst().chars().forEach(c -> keys.addLast((char) c));
        }
        if (!keys.isEmpty()) {
            return key(hearing);
        }
        return new Move(Frame.SILENCE, Optional.empty(), groups.isEmpty() && isDone(hearing));
    }

    private Move key(Hearing hearing) {
        if (hearing.since().minus(lastAct).compareTo(BETWEEN_KEYS) < 0) {
            return Move.says(Frame.SILENCE);
        }
        lastAct = hearing.since();
        return new Move(Frame.SILENCE, Optional.of(keys.removeFirst()), false);
    }

    private static boolean isAsked(Hearing hearing) {
        return hearing.answered() && hearing.lasting().compareTo(hearing.speaking() ? PATIENCE : PAUSE) >= 0;
    }

    private boolean isDone(Hearing hearing) {
        if (answeredAt.isEmpty() && answered.getAsBoolean()) {
            answeredAt = Optional.of(hearing.since());
        }
        if (answeredAt.isPresent()) {
            return hearing.since().minus(answeredAt.get()).compareTo(AFTER_ANSWER) >= 0;
        }
        boolean quiet =
                hearing.answered() && !hearing.speaking() && hearing.lasting().compareTo(QUIET_END) >= 0;
        return quiet || hearing.since().minus(lastAct).compareTo(LONGEST_WAIT) >= 0;
    }
}
