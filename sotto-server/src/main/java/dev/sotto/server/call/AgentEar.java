package dev.sotto.server.call;

import dev.sotto.media.Mulaw;

/// What the caller makes out of the agent's audio: when it speaks and when it pauses. Times are of one
/// monotonic clock, in nanoseconds. Belongs to one leg; not thread-safe.
final class AgentEar {
    /// The mean magnitude of 16-bit samples above which a frame is speech or a tone: about -42 dB of full
    /// scale.
    private static final int AUDIBLE = 250;
    /// Less than this is a click, not a word.
    private static final long WORD_NANOS = 100_000_000;

    private long listensFrom;
    private long voicedNanos;
    private long spokeAt;
    private long voiceEnd;
    private long totalVoiced;

    /// @param start from when on the caller listens
    AgentEar(long start) {
        listenFrom(start);
    }

    /// Forgets what was said, and takes nothing that begins before `nanos` as an answer.
    void listenFrom(long nanos) {
        listensFrom = nanos;
        voicedNanos = 0;
        spokeAt = nanos;
        voiceEnd = nanos;
    }

    /// The caller has heard `length` samples of `mulaw`.
    void heard(long startNanos, long lengthNanos, byte[] mulaw, int length) {
        if (!audible(mulaw, length)) {
            return;
        }
        totalVoiced += lengthNanos;
        if (startNanos < listensFrom) {
            return;
        }
        if (voicedNanos == 0) {
            spokeAt = startNanos;
        }
        voicedNanos += lengthNanos;
        voiceEnd = startNanos + lengthNanos;
    }

    /// Whether the agent said something since the caller began to listen.
    boolean spoke() {
        return voicedNanos >= WORD_NANOS;
    }

    /// Since when the agent speaks; as of the moment the caller began to listen, if it has not.
    long spokeAt() {
        return spokeAt;
    }

    long listensFrom() {
        return listensFrom;
    }

    /// The end of the last word; the moment the caller began to listen, if there was none.
    long voiceEnd() {
        return voiceEnd;
    }

    /// Speech in the whole call.
    long totalVoicedNanos() {
        return totalVoiced;
    }

    private static boolean audible(byte[] mulaw, int length) {
        long sum = 0;
        for (int i = 0; i < length; i++) {
            sum += Math.abs(Mulaw.decode(mulaw[i]));
        }
        return sum > (long) AUDIBLE * length;
    }
}
