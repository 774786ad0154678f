package dev.sotto.model;

import dev.sotto.core.Passage;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import java.time.Duration;

/// Turns an utterance into text. Thread-safe; blocks until the text is there. Interrupting the thread ends the request.
public interface Transcriber {
    /// An utterance is at most this long.
    Duration LONGEST = Duration.ofMinutes(2);

    /// What was said in `utterance`: PCM, one channel. Empty if nothing was.
    ///
    /// @param passage asked before each 20 ms of audio leaves, and told of them; it stays open
    /// @throws SottoException with a [ModelError] if there is no text
    SensitiveText transcribe(AudioChunk utterance, Passage passage);
}
