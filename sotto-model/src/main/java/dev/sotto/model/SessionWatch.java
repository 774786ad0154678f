package dev.sotto.model;

import dev.sotto.core.UnavailableException;
import java.util.function.LongSupplier;

/// The times of a session. Guarded by the session's lock, but for what [#received()] writes.
final class SessionWatch {
    private final ProviderLimits limits;
    private final RealtimeSettings settings;
    private final LongSupplier nanoTime;
    private final long began;
    private volatile long receivedAt;
    private long pingedAt;
    private boolean pinged;
    private long askedAt;
    private long progressedAt;
    private long respondingSince;
    private boolean responding;
    private long pausedSince;
    private boolean paused;

    SessionWatch(ProviderLimits limits, RealtimeSettings settings, LongSupplier nanoTime) {
        this.limits = limits;
        this.settings = settings;
        this.nanoTime = nanoTime;
        this.began = nanoTime.getAsLong();
        this.receivedAt = began;
    }

    /// Something came, even if only a pong.
    void received() {
        receivedAt = nanoTime.getAsLong();
    }

    /// An event came.
    void progressed() {
        progressedAt = nanoTime.getAsLong();
    }

    /// A response was asked for.
    void asked() {
        askedAt = nanoTime.getAsLong();
    }

    /// Whether the peer is to be pinged now.
    ///
    /// @throws UnavailableException if a time has run out
    boolean check(boolean awaitingNow, boolean respondingNow, boolean pausedNow) {
        long now = nanoTime.getAsLong();
        if (now - began > settings.longest().toNanos()) {
            throw new UnavailableException(ModelError.SESSION_TOO_LONG, "the session reached its greatest length");
        }
        checkTaking(now, pausedNow);
        if (pausedNow) {
            return false; // what the provider sent meanwhile was not read, so it is not late
        }
        checkResponding(now, respondingNow);
        if (awaitingNow && !respondingNow && now - askedAt > limits.firstByte().toNanos()) {
            throw new UnavailableException(ModelError.FIRST_BYTE_LATE, "a response did not begin in time");
        }
        return checkAlive(now);
    }

    private void checkTaking(long now, boolean pausedNow) {
        if (pausedNow && !paused) {
            pausedSince = now;
        }
        if (!pausedNow && paused) {
            progressedAt = now;
            receivedAt = now;
            askedAt = now;
        }
        paused = pausedNow;
        if (paused && now - pausedSince > limits.total().toNanos()) {
            throw new UnavailableException(ModelError.SESSION_OVERRUN, "the events of the session are not taken");
        }
    }

    private void checkResponding(long now, boolean respondingNow) {
        if (respondingNow && !responding) {
            respondingSince = now;
        }
        if (!respondingNow && responding) {
            askedAt = now; // a response that waited for this one begins to be awaited now
        }
        responding = respondingNow;
        if (responding && now - progressedAt > limits.idle().toNanos()) {
            throw new UnavailableException(ModelError.ANSWER_STALLED, "the provider stopped in mid-response");
        }
        if (responding && now - respondingSince > limits.total().toNanos()) {
            throw new UnavailableException(ModelError.ANSWER_TOO_LONG, "a response did not end in time");
        }
    }

    private boolean checkAlive(long now) {
        long silent = settings.lifeSign().toNanos();
        if (now - receivedAt <= silent) {
            pinged = false;
            return false;
        }
        if (!pinged) {
            pinged = true;
            pingedAt = now;
            return true;
        }
        if (now - pingedAt > silent) {
            throw new UnavailableException(ModelError.SESSION_STALLED, "the provider gives no sign of life");
        }
        return false;
    }
}
