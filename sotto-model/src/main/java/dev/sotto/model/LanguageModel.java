package dev.sotto.model;

import dev.sotto.core.SottoException;

/// A model that answers a conversation. Thread-safe.
public interface LanguageModel {
    /// Starts an answer. Returns at once; what goes wrong is thrown by the stream.
    ///
    /// @throws SottoException with a [ModelError] if nothing can be started
    AnswerStream answer(ChatRequest request);
}
