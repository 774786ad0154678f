package dev.sotto.server.call;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// What of the agent the caller hears, and when: audio plays in order as it comes, marks come due behind the audio
/// before them, a clear drops what was not heard yet. All times count from the start of the call. Belongs to one
/// thread.
final class Playout {
    private static final int BYTES_A_MILLI = 8;
    /// A gap shorter than this does not end a speech.
    private static final Duration GAP = Duration.ofMillis(250);

    private record Due(String mark, Duration at) {}

    private final Deque<Due> marks = new ArrayDeque<>();
    private Duration end = Duration.ZERO;
    private Duration began = Duration.ZERO;
    private boolean answered;

    void media(int bytes, Duration now) {
        if (end.plus(GAP).compareTo(now) < 0 || !answered) {
            began = now;
        }
        answered = true;
        end = max(end, now).plusMillis(bytes / BYTES_A_MILLI);
    }

    void mark(String name, Duration now) {
        marks.addLast(new Due(name, max(end, now)));
    }

    /// Every mark comes due at once.
    void clear(Duration now) {
        end = now.compareTo(end) < 0 ? now : end;
        List<Due> pending = new ArrayList<>(marks);
        marks.clear();
        pending.forEach(due -> marks.addLast(new Due(due.mark(), now)));
    }

    /// A key was pressed: what the agent says from now on answers it.
    void keyed() {
        answered = false;
    }

    /// The marks that are due, each once.
    List<String> due(Duration now) {
        List<String> due = new ArrayList<>();
        while (!marks.isEmpty() && marks.getFirst().at().compareTo(now) <= 0) {
            due.add(marks.removeFirst().mark());
        }
        return due;
    }

    Caller.Hearing hearing(Duration now) {
        boolean speaking = answered && end.plus(GAP).compareTo(now) > 0;
        return new Caller.Hearing(now, speaking, now.minus(speaking ? began : min(end, now)), answered);
    }

    private static Duration max(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
