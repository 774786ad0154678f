package dev.sotto.server.call;

import dev.sotto.media.Mulaw;

/// What the caller makes out of the agent's audio: when it speaks, when it pauses, and where one prompt ends
/// and the next begins. Times are of one monotonic clock, in nanoseconds. Belongs to one leg; not thread-safe.
final class AgentEar {
    /// The mean magnitude of 16-bit samples above which a frame is speech or a tone: about -42 dB of full
    /// scale.
    private static final int AUDIBLE = 250;
    /// Less than this is a click, not a word.
    private static final long WORD_NANOS = 100_000_000;

    private long listensFrom;
    private long voiced;
    private long voiceEnd;
    private long totalVoiced;

    private boolean inOldPrompt;
    private long newVoiced;
    private long promptVoiced;
    private long promptAt;

    /// Begins to listen.
    ///
    /// @param start from when on the caller listens
    AgentEar(long start) {
        listenFrom(start, false);
    }

    /// Forgets what was said, and takes nothing that begins before `nanos` as an answer.
    ///
    /// @param speaking whether the agent is in the middle of a prompt that began before
    void listenFrom(long nanos, boolean speaking) {
        listensFrom = nanos;
        voiced = 0;
        voiceEnd = nanos;
        inOldPrompt = speaking;
        newVoiced = 0;
        promptVoiced = 0;
        promptAt = nanos;
    }

    /// A mark or a clear came: a prompt ends here.
    void promptEnded() {
        inOldPrompt = false;
        promptVoiced = 0;
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
        voiced += lengthNanos;
        voiceEnd = startNanos + lengthNanos;
        if (promptVoiced == 0) {
            promptAt = startNanos;
        }
        promptVoiced += lengthNanos;
        newVoiced += inOldPrompt ? 0 : lengthNanos;
    }

    /// Whether the agent said something since the caller began to listen.
    boolean spoke() {
        return voiced >= WORD_NANOS;
    }

    /// Whether it said something in a prompt that began since the caller began to listen.
    boolean spokeAnew() {
        return newVoiced >= WORD_NANOS;
    }

    /// For how long the agent has been speaking in the present prompt; 0 if it has not begun.
    long intoPrompt(long now) {
        return promptVoiced >= WORD_NANOS ? now - promptAt : 0;
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
