package dev.sotto.model;

import dev.sotto.core.SottoException;

/// Speaks text. Thread-safe.
public interface Synthesizer {
    /// Starts to speak. Returns at once; what goes wrong is thrown by the stream.
    ///
    /// @throws SottoException with a [ModelError] if nothing can be started
    SpeechStream speak(SpeechRequest request);
}
