package dev.sotto.agent;

import dev.sotto.core.DataClass;
import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.model.AnswerEvent;
import dev.sotto.model.AnswerStream;
import dev.sotto.model.ChatDraft;
import dev.sotto.model.LanguageModel;
import dev.sotto.model.SentenceSplitter;
import dev.sotto.model.ToolCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A conversation with a language model, in text: what the caller said goes through the guard to the model, what the
/// model says comes back sentence by sentence, and the tools it asks for are run behind the identity gate. Each request
/// of a turn is a disclosure of its own. Thread-safe; answers one turn at a time.
final class Dialogue {
    static final String PURPOSE = "language-model";
    static final int MAX_REQUESTS = 6;
    static final int MAX_TOOL_CALLS = 12;
    static final int MAX_SENTENCES = 40;
    /// Two minutes of speech. A model that says more to one request has lost its limit.
    static final int MAX_CHARACTERS = 2_000;

    /// What a dialogue works with.
    ///
    /// @param destination of the model, in the register of sub-processors
    /// @param instructions made anew for each request, because they name the time
    /// @param patience for the first event of an answer, and between two
    record Parts(
            LanguageModel model,
            String destination,
            TurnGuard guard,
            Vertical vertical,
            Supplier<SensitiveText> instructions,
            Duration patience) {}

    /// Takes what the model says. Blocks while the sentence cannot be taken.
    interface Listener extends GuardedTools.Done {
        /// A request has left.
        ///
        /// @param sentNanos when, in the time of [System#nanoTime()]
        void asked(long sentNanos);

        /// A whole sentence, in the model's words.
        ///
        /// @return false if it may not be said: the answer ends there
        boolean sentence(long number, SensitiveText text) throws InterruptedException;
    }

    private final Parts parts;
    private final GuardedTools tools;
    private final DialogueHistory history = new DialogueHistory();
    private final ReentrantLock turn = new ReentrantLock();

    Dialogue(Parts parts, ToolDesk tools) {
        this.parts = parts;
        this.tools = new GuardedTools(parts.guard(), tools);
    }

    DialogueHistory history() {
        return history;
    }

    /// One turn under way; cancelled from any thread.
    static final class Turn {
        private @Nullable AnswerStream stream;
        private boolean cancelled;

        synchronized boolean cancelled() {
            return cancelled;
        }

        synchronized void cancel() {
            cancelled = true;
            if (stream != null) {
                stream.close();
            }
        }

        private synchronized void reading(@Nullable AnswerStream next) {
            stream = next;
            if (cancelled && next != null) {
                next.close();
            }
        }
    }

    /// Answers what the caller said; empty if the turn was cancelled.
    ///
    /// @param heard empty to go on with what was asked before, if that was not answered
    /// @throws SottoException if the model failed or does not end, or the audit log or the store do not answer
    Optional<AnswerEnd> answer(SensitiveText heard, Turn now, Listener listener) throws InterruptedException {
        turn.lockInterruptibly();
        try {
            if (!heard.isEmpty()) {
                history.caller(heard);
            } else if (!history.unanswered()) {
                return Optional.of(new AnswerEnd.Said());
            }
            return requests(now, listener);
        } catch (SottoException failure) {
            if (now.cancelled()) {
                return Optional.empty();
            }
            throw failure;
        } finally {
            turn.unlock();
        }
    }

    private Optional<AnswerEnd> requests(Turn now, Listener listener) throws InterruptedException {
        int toolCalls = 0;
        for (int request = 0; request < MAX_REQUESTS && !now.cancelled(); request++) {
            var draft = new ChatDraft(
                    parts.instructions().get(),
                    history.messages(),
                    parts.vertical().tools());
            var verdict = parts.guard().decide(parts.destination(), DataClass.TURN_CONTEXT, PURPOSE, draft.pieces());
            if (verdict.isEmpty()) {
                return Optional.of(new AnswerEnd.Blocked());
            }
            var said = say(draft, verdict.get(), now, listener);
            if (said.end().isPresent() || said.calls().isEmpty()) {
                return said.end().isPresent() || now.cancelled() ? said.end() : Optional.of(new AnswerEnd.Said());
            }
            Optional<AnswerEnd> moved = Optional.empty();
            for (ToolCall call : said.calls()) {
                // Every call has its answer in the history, also those that came to nothing.
                var result = moved.isPresent() || ++toolCalls > MAX_TOOL_CALLS
                        ? new ToolResult.Refused(ToolResult.Why.TOO_MANY_AT_ONCE)
                        : tools.run(call, listener);
                history.result(call.id(), ToolJson.of(result));
                if (GuardedTools.moves(result)) {
                    moved = Optional.of(new AnswerEnd.Moved(result));
                }
            }
            if (moved.isPresent()) {
                return moved;
            }
        }
        return now.cancelled() ? Optional.empty() : Optional.of(new AnswerEnd.Said());
    }

    /// What one request brought.
    ///
    /// @param end how the turn ended, if it did
    private record Reply(List<ToolCall> calls, Optional<AnswerEnd> end) {}

    private Reply say(ChatDraft draft, Verdict.Allowed allowed, Turn now, Listener listener)
            throws InterruptedException {
        var calls = new ArrayList<ToolCall>();
        boolean mayBeSaid = true;
        history.answering();
        try (var stream = parts.model().answer(draft.allowed(allowed))) {
            now.reading(stream);
            var splitter = new SentenceSplitter();
            int sentences = 0;
            long characters = 0;
            boolean known = false;
            boolean finished = false;
            while (!finished && mayBeSaid) {
                var event = stream.next(parts.patience()).orElseThrow(Dialogue::tooSlow);
                if (!known) {
                    known = true;
                    listener.asked(stream.sentNanos());
                }
                var whole = switch (event) {
                    case AnswerEvent.TextDelta(SensitiveText text) -> {
                        characters += text.length();
                        if (characters > MAX_CHARACTERS) {
                            throw tooLong();
                        }
                        yield splitter.feed(text);
                    }
                    case AnswerEvent.ToolCalls(List<ToolCall> asked) -> {
                        calls.addAll(asked);
                        yield List.<SensitiveText>of();
                    }
                    case AnswerEvent.Finished _ -> {
                        finished = true;
                        yield splitter.finish().map(List::of).orElse(List.of());
                    }
                };
                for (SensitiveText sentence : whole) {
                    mayBeSaid = mayBeSaid
                            && ++sentences <= MAX_SENTENCES
                            && listener.sentence(history.saying(sentence), sentence);
                }
            }
        } finally {
            now.reading(null);
            history.answered(mayBeSaid && !now.cancelled() ? calls : List.of());
        }
        if (now.cancelled()) {
            return new Reply(List.of(), Optional.empty());
        }
        return mayBeSaid
                ? new Reply(calls, Optional.empty())
                : new Reply(List.of(), Optional.of(new AnswerEnd.Blocked()));
    }

    static SottoException tooLong() {
        return new UnavailableException(AgentError.MODEL_TOO_LONG, "the model does not come to an end");
    }

    static SottoException tooSlow() {
        return new UnavailableException(AgentError.MODEL_TOO_SLOW, "the model does not answer in time");
    }
}
