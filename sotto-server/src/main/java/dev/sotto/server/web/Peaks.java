package dev.sotto.server.web;

import dev.sotto.media.Mulaw;
import java.util.Arrays;
import java.util.List;

/// How loud each channel of a stereo mu-law recording is over time: for each of a fixed number of stretches the
/// largest sample, from 0 to 1000. Takes the recording piece by piece and keeps nothing of it but these numbers. For
/// one thread.
final class Peaks {
    static final int LOUDEST = 1_000;
    private static final int CODES = 256;
    private static final int[] LOUDNESS = new int[CODES];

    static {
        int full = 0;
        for (int code = 0; code < CODES; code++) {
            LOUDNESS[code] = Math.abs(Mulaw.decode((byte) code));
            full = Math.max(full, LOUDNESS[code]);
        }
        for (int code = 0; code < CODES; code++) {
            LOUDNESS[code] = LOUDNESS[code] * LOUDEST / full;
        }
    }

    private final long frames;
    private final int[] caller;
    private final int[] agent;
    private long bytes;

    /// @param mulawBytes how many will come; one frame is two of them, caller and agent
    /// @param most stretches; a recording of fewer frames has one for each
    Peaks(long mulawBytes, int most) {
        if (most <= 0) {
            throw new IllegalArgumentException("most (%d) must be positive".formatted(most));
        }
        frames = mulawBytes / 2;
        int stretches = (int) Math.min(frames, most);
        caller = new int[stretches];
        agent = new int[stretches];
    }

    /// Takes the next `length` bytes. What is more than was said in the beginning counts to the last stretch.
    void add(byte[] mulaw, int length) {
        for (int i = 0; i < length && caller.length > 0; i++) {
            long frame = Math.min(bytes / 2, frames - 1);
            int stretch = (int) (frame * caller.length / frames);
            int[] channel = bytes % 2 == 0 ? caller : agent;
            channel[stretch] = Math.max(channel[stretch], LOUDNESS[mulaw[i] & 0xff]);
            bytes++;
        }
    }

    List<Integer> caller() {
        return Arrays.stream(caller).boxed().toList();
    }

    List<Integer> agent() {
        return Arrays.stream(agent).boxed().toList();
    }
}
