package dev.sotto.agent;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// When the caller speaks, as this node and a realtime provider notice it, each by its own ear and in its own time.
/// Positions are times since the start of the stream. Bounded. Thread-safe.
final class CallerTurns {
    /// Utterances that may wait for their words, and how many may begin in [#WINDOW].
    private static final int MOST_WAITING = 16;

    private static final int MOST_IN_WINDOW = 40;
    private static final Duration WINDOW = Duration.ofSeconds(10);
    /// How much later than this node a provider may notice that somebody spoke.
    private static final Duration NOTICED = Duration.ofSeconds(1);

    private static final int BYTES_PER_MILLISECOND = 8;

    /// An utterance.
    record Said(Duration at, Duration length) {}

    /// One that the provider noticed. Its words are due once it is over.
    private record Waiting(Duration at, @Nullable Duration until, long due) {}

    private final LongSupplier nanos;
    private final Duration patience;
    private final Map<String, Waiting> waiting = new LinkedHashMap<>();
    private long receivedBytes;
    private Duration ahead = Duration.ZERO;
    private Duration sentFrom = Duration.ZERO;
    private @Nullable Duration ownFrom;
    private @Nullable Duration ownUntil;
    private boolean speaking;
    private boolean claimed;
    private long claimDue;
    private long windowFrom;
    private int inWindow;

    /// @param patience how long the words of an utterance may take
    CallerTurns(Duration patience, LongSupplier nanos) {
        this.patience = patience;
        this.nanos = nanos;
        this.windowFrom = nanos.getAsLong();
    }

    /// A frame came from the caller.
    synchronized void frame(int bytes) {
        receivedBytes += bytes;
    }

    /// The next frame is sent, after so many bytes that the session got before; what lies between was not sent.
    synchronized void sending(long bytesBefore) {
        sentFrom = now().minusMillis(bytesBefore / BYTES_PER_MILLISECOND);
    }

    private Duration now() {
        return Duration.ofMillis(receivedBytes / BYTES_PER_MILLISECOND).plus(ahead);
    }

    /// This node noticed speech.
    synchronized void started(Duration at) {
        ahead = ahead.plus(at.minus(now()));
        speaking = true;
        waiting.replaceAll((_, one) -> one.until() == null ? new Waiting(one.at(), null, Long.MAX_VALUE) : one);
        if (ownFrom == null || claimed) {
            ownFrom = at;
            claimed = waiting.values().stream().anyMatch(one -> one.until() == null);
        }
        ownUntil = null;
    }

    /// This node noticed that it is over.
    synchronized void stopped(Duration at) {
        speaking = false;
        ownUntil = at;
        claimDue = nanos.getAsLong() + NOTICED.toNanos();
        long due = nanos.getAsLong() + NOTICED.plus(patience).toNanos();
        waiting.replaceAll(
                (_, one) -> one.until() == null ? new Waiting(one.at(), null, Math.min(one.due(), due)) : one);
        if (claimed) {
            ownFrom = null;
        }
    }

    /// The provider noticed speech, so far into what it was sent. True if this node had not.
    synchronized boolean providerStarted(String item, Duration into) {
        long now = nanos.getAsLong();
        if (now - windowFrom > WINDOW.toNanos()) {
            windowFrom = now;
            inWindow = 0;
        }
        inWindow++;
        waiting.put(item, new Waiting(sentFrom.plus(into), null, Long.MAX_VALUE));
        boolean known = ownFrom != null;
        claimed = true;
        if (!speaking) {
            ownFrom = null;
        }
        return !known;
    }

    /// Where an utterance began that the provider noticed.
    synchronized Duration startOf(String item) {
        var one = waiting.get(item);
        return one == null ? now() : one.at();
    }

    /// The provider noticed that it is over.
    synchronized void providerStopped(String item, Duration into) {
        var one = waiting.get(item);
        var until = sentFrom.plus(into);
        waiting.put(item, new Waiting(one == null ? until : one.at(), until, nanos.getAsLong() + patience.toNanos()));
    }

    /// The words of an utterance are known, or will not be.
    synchronized Said settled(String item) {
        var one = waiting.remove(item);
        var until = one == null || one.until() == null ? now() : one.until();
        var at = one == null ? until : one.at();
        return new Said(at, until.compareTo(at) > 0 ? until.minus(at) : Duration.ZERO);
    }

    /// What this node heard and the provider did not, in time; once.
    synchronized Optional<Said> unnoticed() {
        var from = ownFrom;
        var until = ownUntil;
        if (from == null || until == null || claimed || nanos.getAsLong() - claimDue < 0) {
            return Optional.empty();
        }
        ownFrom = null;
        return Optional.of(new Said(from, until.minus(from)));
    }

    /// Whether words are late, or more is said than anybody can.
    synchronized boolean overdue() {
        long now = nanos.getAsLong();
        return waiting.size() > MOST_WAITING
                || inWindow > MOST_IN_WINDOW
                || waiting.values().stream().anyMatch(one -> one.due() != Long.MAX_VALUE && now - one.due() > 0);
    }

    /// Nobody will settle what waits: the session is gone.
    synchronized List<Said> forget() {
        var lost = new ArrayList<Said>();
        for (String item : List.copyOf(waiting.keySet())) {
            var one = waiting.get(item);
            var said = settled(item);
            if (one != null && one.until() != null) {
                lost.add(said);
            }
        }
        claimed = false;
        return lost;
    }
}
