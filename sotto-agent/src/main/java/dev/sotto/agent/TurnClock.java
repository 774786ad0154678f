package dev.sotto.agent;

import dev.sotto.core.Meter;
import java.time.Duration;

/// What one answer takes of Sotto's own time: from what the caller said to the request to the model, and from the
/// model's first sentence to its first frame on the way to the caller. What other people's services take is left out:
/// of
/// the synthesizer, the time from its request to as much sound as is played first. Thread-safe.
final class TurnClock {
    private static final long NOT_YET = 0;

    private final Meter meter;
    private final long heard;
    // Guarded by this.
    private long asked = NOT_YET;
    private long sentence = NOT_YET;
    private long number;
    private long ordered = NOT_YET;
    private long sound = NOT_YET;
    private boolean told;

    /// @param heardNanos when the words of the caller were known, in the time of [System#nanoTime()]
    TurnClock(long heardNanos, Meter meter) {
        this.heard = heardNanos;
        this.meter = meter;
    }

    /// A request to the model left; the first counts.
    synchronized void asked(long sentNanos) {
        if (asked == NOT_YET && sentNanos != NOT_YET) {
            asked = sentNanos;
            meter.time("agent.talk.before_model", Duration.ofNanos(sentNanos - heard));
        }
    }

    /// The model said a whole sentence; the first counts.
    synchronized void sentence(long sentenceNumber) {
        if (sentence == NOT_YET) {
            sentence = System.nanoTime();
            number = sentenceNumber;
        }
    }

    /// A sentence was ordered from the synthesizer, and there is enough of it to be played.
    ///
    /// @param sentNanos when the order left; zero if that is not known
    synchronized void sound(long sentenceNumber, long sentNanos) {
        if (sentenceNumber == number && sound == NOT_YET && sentNanos != NOT_YET) {
            ordered = sentNanos;
            sound = System.nanoTime();
        }
    }

    /// The first frame of a sentence was written to the socket.
    synchronized void begun(long sentenceNumber) {
        if (told || sentenceNumber != number || sound == NOT_YET || asked == NOT_YET) {
            return;
        }
        told = true;
        long before = ordered - sentence;
        long after = System.nanoTime() - sound;
        meter.time("agent.talk.before_frame", Duration.ofNanos(before + after));
        meter.time("agent.talk.added", Duration.ofNanos(asked - heard + before + after));
    }
}
