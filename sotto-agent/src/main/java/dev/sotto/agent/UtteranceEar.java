package dev.sotto.agent;

import dev.sotto.media.AudioClip;
import dev.sotto.media.Mulaw;
import dev.sotto.model.AudioChunk;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Cuts what a caller says into utterances: from a little before speech was noticed to where it stopped. Bounded in
/// what it holds; what is said beyond that is not part of it. Thread-safe.
final class UtteranceEar {
    /// Something the caller said.
    ///
    /// @param at where it began, time since the start of the stream
    record Utterance(AudioChunk audio, Duration at) {
        Duration length() {
            return audio.length();
        }
    }

    private static final int BYTES_PER_MILLISECOND = 8;
    /// Speech is noticed 60 ms late; the first sound of a word is quiet.
    private static final int BEFORE_MILLIS = 400;

    private static final int MAX_BYTES = 60_000 * BYTES_PER_MILLISECOND;

    private final byte[] before = new byte[BEFORE_MILLIS * BYTES_PER_MILLISECOND];
    private long beforeWritten;
    private byte @Nullable [] held;
    private int size;
    private Duration began = Duration.ZERO;

    synchronized void audio(byte[] mulaw) {
        if (held == null) {
            for (byte code : mulaw) {
                before[(int) (beforeWritten++ % before.length)] = code;
            }
        } else if (size + mulaw.length <= MAX_BYTES) {
            if (size + mulaw.length > held.length) {
                held = Arrays.copyOf(held, Math.min(MAX_BYTES, Math.max(held.length * 2, size + mulaw.length)));
            }
            System.arraycopy(mulaw, 0, held, size, mulaw.length);
            size += mulaw.length;
        }
    }

    /// Speech was noticed.
    synchronized void started(Duration at) {
        if (held != null) {
            return;
        }
        int kept = (int) Math.min(beforeWritten, before.length);
        held = new byte[64 * 1024];
        size = kept;
        for (int i = 0; i < kept; i++) {
            held[i] = before[(int) ((beforeWritten - kept + i) % before.length)];
        }
        began = at.minusMillis(kept / BYTES_PER_MILLISECOND);
        began = began.isNegative() ? Duration.ZERO : began;
    }

    /// Speech is over: what was said, if its beginning was noticed.
    synchronized Optional<Utterance> stopped() {
        if (held == null) {
            return Optional.empty();
        }
        var said = new Utterance(
                AudioChunk.pcm16(Mulaw.decode(Arrays.copyOf(held, size)), AudioClip.SAMPLE_RATE_HERTZ), began);
        forget();
        return Optional.of(said);
    }

    synchronized void forget() {
        held = null;
        size = 0;
        beforeWritten = 0;
    }
}
