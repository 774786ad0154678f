package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import dev.sotto.model.Message;
import dev.sotto.model.ToolCall;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What was said in a conversation with a model, as the model is told of it: what the caller did not hear of the
/// agent's words is left out. Bounded: the oldest exchanges are forgotten whole. Thread-safe.
final class DialogueHistory {
    private static final int MAX_MESSAGES = 60;
    private static final String INTERRUPTED = " [interrupted]";

    private sealed interface Entry {
        record Caller(SensitiveText text) implements Entry {}

        record Agent(List<Sentence> sentences, List<ToolCall> calls) implements Entry {}

        record Result(String callId, SensitiveText json) implements Entry {}
    }

    /// A sentence of the agent, and what the caller heard of it.
    private static final class Sentence {
        private final long number;
        private final SensitiveText text;
        private boolean heard;
        private boolean lost;

        Sentence(long number, SensitiveText text) {
            this.number = number;
            this.text = text;
        }
    }

    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private @Nullable List<Sentence> saying;
    private long sentences;

    synchronized void caller(SensitiveText text) {
        add(new Entry.Caller(text));
    }

    /// Begins an answer of the agent.
    synchronized void answering() {
        saying = new ArrayList<>();
    }

    /// The agent is about to say a sentence. Returns its number.
    synchronized long saying(SensitiveText text) {
        var sentence = new Sentence(++sentences, text);
        if (saying != null) {
            saying.add(sentence);
        }
        return sentence.number;
    }

    /// The answer is over, and asks for these tools.
    synchronized void answered(List<ToolCall> calls) {
        var said = saying == null ? List.<Sentence>of() : saying;
        saying = null;
        if (!said.isEmpty() || !calls.isEmpty()) {
            add(new Entry.Agent(said, calls));
        }
    }

    synchronized void result(String callId, SensitiveText json) {
        add(new Entry.Result(callId, json));
    }

    /// A sentence was heard, whole or cut off.
    synchronized void heard(long number, boolean whole) {
        all().filter(sentence -> sentence.number == number).forEach(sentence -> {
            sentence.heard = true;
            sentence.lost = !whole;
        });
    }

    /// What was not heard by now will not be.
    synchronized void hushed() {
        all().filter(sentence -> !sentence.heard).forEach(sentence -> sentence.lost = true);
    }

    private Stream<Sentence> all() {
        var open = saying == null ? List.<Sentence>of() : saying;
        return Stream.concat(
                entries.stream()
                        .flatMap(entry ->
                                entry instanceof Entry.Agent(var said, var _) ? said.stream() : Stream.empty()),
                open.stream());
    }

    /// Whether the caller, or a tool, waits for an answer.
    synchronized boolean unanswered() {
        return !entries.isEmpty()
                && switch (entries.getLast()) {
                    case Entry.Caller _, Entry.Result _ -> true;
                    case Entry.Agent(var said, var _) ->
                        said.stream().noneMatch(sentence -> sentence.heard || !sentence.lost);
                };
    }

    /// As a model is told of it.
    synchronized List<Message> messages() {
        var messages = new ArrayList<Message>();
        for (var entry : entries) {
            switch (entry) {
                case Entry.Caller(SensitiveText text) -> messages.add(new Message.Caller(text));
                case Entry.Result(String callId, SensitiveText json) ->
                    messages.add(new Message.ToolResult(callId, json));
                case Entry.Agent(List<Sentence> said, List<ToolCall> calls) -> {
                    var text = text(said);
                    if (!text.isEmpty() || !calls.isEmpty()) {
                        messages.add(new Message.Agent(SensitiveText.of(text), calls));
                    }
                }
            }
        }
        return messages;
    }

    private static String text(List<Sentence> said) {
        var text = new StringBuilder();
        for (var sentence : said) {
            if (sentence.lost && !sentence.heard) {
                continue;
            }
            text.append(sentence.text.reveal());
            if (sentence.lost) {
                text.append(INTERRUPTED);
            }
        }
        return text.toString();
    }

    /// A call of a tool and its results are never parted.
    private void add(Entry entry) {
        entries.addLast(entry);
        while (entries.size() > MAX_MESSAGES) {
            entries.removeFirst();
            while (entries.size() > 1 && !(entries.getFirst() instanceof Entry.Caller)) {
                entries.removeFirst();
            }
        }
    }
}
