package dev.sotto.agent;

import dev.sotto.core.ErrorCode;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import dev.sotto.model.AnswerEvent;
import dev.sotto.model.AnswerStream;
import dev.sotto.model.ChatRequest;
import dev.sotto.model.LanguageModel;
import dev.sotto.model.Message;
import dev.sotto.model.ToolCall;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A model that answers what a test wrote down, one answer a request. Thread-safe.
final class FakeModel implements LanguageModel {
    enum Fault implements ErrorCode {
        CLOSED,
        BROKEN,
        NO_ANSWER_WRITTEN
    }

    /// Stands for a model that says nothing more, until it is closed.
    static final AnswerEvent STALL = new AnswerEvent.TextDelta(SensitiveText.of("(the model stalls)"));

    /// Stands for a connection that breaks.
    static final AnswerEvent BREAK = new AnswerEvent.TextDelta(SensitiveText.of("(the connection breaks)"));

    private final Deque<List<AnswerEvent>> answers = new ArrayDeque<>();
    private final List<ChatRequest> asked = new ArrayList<>();
    final CountDownLatch stalled = new CountDownLatch(1);

    synchronized FakeModel answers(AnswerEvent... events) {
        answers.add(List.of(events));
        return this;
    }

    static AnswerEvent text(String text) {
        return new AnswerEvent.TextDelta(SensitiveText.of(text));
    }

    static AnswerEvent call(String id, String name, String arguments) {
        return new AnswerEvent.ToolCalls(List.of(new ToolCall(id, name, SensitiveText.of(arguments))));
    }

    static AnswerEvent calls(ToolCall... calls) {
        return new AnswerEvent.ToolCalls(Arrays.asList(calls));
    }

    static AnswerEvent done() {
        return new AnswerEvent.Finished(AnswerEvent.Reason.STOP, new AnswerEvent.Usage(1, 1));
    }

    synchronized List<ChatRequest> asked() {
        return List.copyOf(asked);
    }

    /// What the n-th request told of the conversation, as `role: text`.
    synchronized List<String> told(int request) {
        return asked.get(request).messages().stream()
                .map(message -> switch (message) {
                    case Message.Caller(SensitiveText text) -> "caller: " + text.reveal();
                    case Message.Agent(SensitiveText text, List<ToolCall> calls) ->
                        "agent: " + text.reveal()
                                + (calls.isEmpty()
                                        ? ""
                                        : calls.stream().map(ToolCall::name).toList());
                    case Message.ToolResult(var _, SensitiveText result) -> "tool: " + result.reveal();
                })
                .toList();
    }

    @Override
    public synchronized AnswerStream answer(ChatRequest request) {
        asked.add(request);
        var events = answers.poll();
        if (events == null) {
            throw new UnavailableException(Fault.NO_ANSWER_WRITTEN, "no answer is written for this request");
        }
        return new Stream(new ArrayDeque<>(events));
    }

    private final class Stream implements AnswerStream {
        private final Deque<AnswerEvent> events;
        private final CountDownLatch closed = new CountDownLatch(1);

        Stream(Deque<AnswerEvent> events) {
            this.events = events;
        }

        @Override
        public Optional<AnswerEvent> next(Duration patience) {
            if (closed.getCount() == 0) {
                throw new UnavailableException(Fault.CLOSED, "closed");
            }
            var next = events.poll();
            if (STALL.equals(next)) {
                stalled.countDown();
                await(patience);
                return Optional.empty();
            }
            if (next == null || next.equals(BREAK)) {
                throw new UnavailableException(Fault.BROKEN, "broken");
            }
            return Optional.of(next);
        }

        private void await(Duration patience) {
            try {
                if (closed.await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                    throw new UnavailableException(Fault.CLOSED, "closed");
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public long sentNanos() {
            return System.nanoTime();
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
