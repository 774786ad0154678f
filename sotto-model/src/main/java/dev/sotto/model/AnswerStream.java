package dev.sotto.model;

import dev.sotto.core.SottoException;
import java.time.Duration;
import java.util.Optional;

/// An answer while it is made. One thread takes; any thread may close it, which ends the request and wakes who waits.
public interface AnswerStream extends AutoCloseable {
    /// The next event; empty if none came within `patience`. After [AnswerEvent.Finished] there is none.
    ///
    /// @throws SottoException with a [ModelError] if the answer failed; what came before stands
    /// @throws IllegalStateException after the last event
    Optional<AnswerEvent> next(Duration patience);

    /// When the request left, in the time of [System#nanoTime()]; zero while it has not.
    long sentNanos();

    @Override
    void close();
}
