package dev.sotto.model;

import dev.sotto.core.SottoException;
import java.time.Duration;
import java.util.Optional;

/// Speech while it is made. One thread takes; any thread may close it, which ends the request and wakes who waits.
public interface SpeechStream extends AutoCloseable {
    /// The next event; empty if none came within `patience`. After [SpeechEvent.Finished] there is none.
    ///
    /// @throws SottoException with a [ModelError] if the speech failed; what came before stands
    /// @throws IllegalStateException after the last event
    Optional<SpeechEvent> next(Duration patience);

    /// When the request left, in the time of [System#nanoTime()]; zero while it has not.
    long sentNanos();

    @Override
    void close();
}
