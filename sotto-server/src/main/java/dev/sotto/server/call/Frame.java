package dev.sotto.server.call;

import dev.sotto.media.AudioClip;
import dev.sotto.media.Mulaw;
import java.util.Arrays;
import java.util.Base64;

/// 20 ms of 8 kHz mu-law, as a media message carries it. Immutable.
record Frame(String base64) {
    static final int BYTES = 160;
    static final int MILLIS = 20;
    static final Frame SILENCE = of(AudioClip.empty(), 0);

    /// The frame of `clip` that begins at byte `from`, filled up with silence.
    static Frame of(AudioClip clip, int from) {
        byte[] bytes = new byte[BYTES];
        Arrays.fill(bytes, Mulaw.SILENCE);
        int length = Math.clamp(clip.sizeBytes() - (long) from, 0, BYTES);
        clip.copyTo(Math.min(from, clip.sizeBytes()), bytes, 0, length);
        return new Frame(Base64.getEncoder().encodeToString(bytes));
    }
}
