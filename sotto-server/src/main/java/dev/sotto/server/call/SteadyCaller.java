package dev.sotto.server.call;

import dev.sotto.media.AudioClip;
import dev.sotto.media.Mulaw;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// Keeps a call busy both ways: hums every other second, and keys something whenever the agent falls quiet, so that
/// it speaks again. Belongs to the thread of its call.
final class SteadyCaller implements Caller {
    private static final Duration QUIET = Duration.ofSeconds(1);
    private static final int AMPLITUDE = 4_000;
    private static final double HUM_HERTZ = 220;
    private static final AudioClip HUM = hum();

    private final Duration length;
    private final Deque<Character> keys = new ArrayDeque<>();

    SteadyCaller(Duration length) {
        this.length = length;
    }

    @Override
    public Move next(Hearing hearing) {
        if (hearing.answered() && !hearing.speaking() && hearing.lasting().compareTo(QUIET) >= 0 && keys.isEmpty()) {
            keys.add('1');
            keys.add('#');
        }
        Optional<Character> key = Optional.ofNullable(keys.poll());
        long second = hearing.since().toSeconds();
        int within = hearing.since().toMillisPart() * (AudioClip.SAMPLE_RATE_HERTZ / 1_000);
        Frame frame = second % 2 == 0 ? Frame.of(HUM, within) : Frame.SILENCE;
        return new Move(frame, key, hearing.since().compareTo(length) >= 0);
    }

    private static AudioClip hum() {
        byte[] second = new byte[AudioClip.SAMPLE_RATE_HERTZ];
        for (int i = 0; i < second.length; i++) {
            double phase = 2 * Math.PI * HUM_HERTZ * i / AudioClip.SAMPLE_RATE_HERTZ;
            second[i] = Mulaw.encode((short) (AMPLITUDE * Math.sin(phase)));
        }
        return AudioClip.of(second);
    }
}
