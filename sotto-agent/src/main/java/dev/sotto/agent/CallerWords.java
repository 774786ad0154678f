package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import dev.sotto.model.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// What is new since a realtime provider was asked for a response last, and has not passed the guard yet: words of the
/// caller, and what tools answered. Bounded by how often a caller can be heard between two answers. Thread-safe.
final class CallerWords {
    private static final int REMEMBERED = 64;

    /// @param item of the session `session` that stands for it; empty if the provider does not know it yet
    record New(Message message, String item, long session) {}

    private final List<New> fresh = new ArrayList<>();
    private final ArrayDeque<SensitiveText> spoken = new ArrayDeque<>();

    /// The provider wrote down what the caller said.
    synchronized void spoken(SensitiveText text, String item, long session) {
        fresh.add(new New(new Message.Caller(text), item, session));
        spoken.addLast(text);
        if (spoken.size() > REMEMBERED) {
            spoken.removeFirst();
        }
    }

    /// The caller keyed it, unless it was [#spoken].
    synchronized void keyed(SensitiveText text) {
        if (!text.isEmpty() && !spoken.contains(text)) {
            fresh.add(new New(new Message.Caller(text), "", 0));
        }
    }

    /// A tool answered.
    synchronized void result(String callId, SensitiveText json) {
        fresh.add(new New(new Message.ToolResult(callId, json), "", 0));
    }

    /// All of it; it is not new any more.
    synchronized List<New> take() {
        var all = List.copyOf(fresh);
        fresh.clear();
        return all;
    }
}
