package dev.sotto.media;

import dev.sotto.core.LimitedException;
import java.time.Duration;

/// One caller's stream, as the agent holds it. Thread-safe, never blocks. After the leg closed every method but
/// [#position()] does nothing.
public interface CallLeg {
    /// Plays `clip` after what is already queued, then sends `mark`, which comes back as [LegListener#mark] once
    /// the caller heard the clip or it was cleared. An empty `mark` sends none. A clip that ends inside a 20 ms
    /// frame is filled up with silence.
    ///
    /// @throws LimitedException if the queue would hold more than [EdgeLimits#maxQueuedAudio()]; nothing was queued
    /// @throws IllegalArgumentException if `mark` has over 128 characters or one that is not printable ASCII
    default void play(AudioClip clip, String mark) {
        play(clip, mark, () -> {});
    }

    /// The same, and runs `begun` once its first frame was written to the socket; never, if it was cleared before.
    ///
    /// @param begun runs on the edge's thread; must not block or throw
    void play(AudioClip clip, String mark, Runnable begun);

    /// Stops what plays: drops the queue and what was sent ahead of its slot. The marks of what was dropped come
    /// back too, in order.
    void clear();

    /// Ends the stream; Twilio goes on with the TwiML behind it.
    void close();

    /// How much of what was to be played has not been sent yet: a peer that takes its audio late has not heard it.
    /// Zero after the leg closed.
    Duration unsent();

    /// Time since the stream started, by this node's monotonic clock.
    Duration position();
}
