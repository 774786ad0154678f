package dev.sotto.agent;

import dev.sotto.model.RealtimeSession;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which answer the responses of a session belong to. A response is asked for once the one before is over, so that a
/// provider never refuses one. Thread-safe.
final class Responding {
    private final GatedLine line;
    private final Map<String, GatedAnswer> running = new HashMap<>();
    private final Set<String> stopped = new HashSet<>();
    private @Nullable GatedAnswer asked;
    private @Nullable GatedAnswer waiting;

    Responding(GatedLine line) {
        this.line = line;
    }

    /// Asks for a response, or will.
    synchronized void ask(GatedAnswer answer, RealtimeSession session) {
        if (asked == null && running.isEmpty()) {
            asked = answer;
            session.respond();
        } else {
            waiting = answer;
        }
    }

    synchronized Optional<GatedAnswer> started(String response) {
        var answer = asked;
        asked = null;
        if (answer == null) {
            return Optional.empty();
        }
        running.put(response, answer);
        if (answer.over()) {
            stop(response);
        }
        return Optional.of(answer);
    }

    synchronized Optional<GatedAnswer> of(String response) {
        return Optional.ofNullable(running.get(response));
    }

    synchronized Optional<GatedAnswer> ended(String response) {
        var answer = Optional.ofNullable(running.remove(response));
        stopped.remove(response);
        next();
        return answer;
    }

    /// The response that was asked for will not come.
    synchronized Optional<GatedAnswer> refused() {
        var answer = Optional.ofNullable(asked);
        asked = null;
        next();
        return answer;
    }

    private void next() {
        var answer = waiting;
        waiting = null;
        if (answer != null && !answer.over()) {
            line.now().ifPresent(session -> ask(answer, session));
        }
    }

    /// Nobody wants the responses of that answer any more.
    synchronized void cancel(GatedAnswer answer) {
        running.forEach((response, of) -> {
            if (of == answer) {
                stop(response);
            }
        });
    }

    private void stop(String response) {
        if (stopped.add(response)) {
            line.now().ifPresent(session -> session.cancel(response));
        }
    }

    /// The session is gone, and with it what was asked.
    synchronized void forget() {
        running.clear();
        stopped.clear();
        asked = null;
        waiting = null;
    }
}
