package dev.sotto.agent;

import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.model.ChatDraft;
import dev.sotto.model.RealtimeEvent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Talks with a caller by a realtime model behind the guard: the provider hears the caller, nothing is asked of it
/// before
/// the caller's words were read and the asking recorded, and nothing it says is heard before its words passed.
/// Thread-safe.
final class GatedTalk implements Talk {
    /// Answers whose sound may still be playing.
    private static final int REMEMBERED = 4;

    /// What an answer works with.
    ///
    /// @param cut tells the provider what of the answers before one was not heard
    record Shared(
            GatedModels models,
            TurnGuard guard,
            GuardedTools tools,
            DialogueHistory history,
            CallerWords words,
            GatedLine line,
            Responding responding,
            Consumer<CallEvent> loop,
            Meter meter,
            Consumer<GatedAnswer> cut) {
        void cutUnheard(GatedAnswer next) {
            cut.accept(next);
        }
    }

    private final TurnGuard guard;
    private final GatedModels models;
    private final HandOver handOver;
    private final Beside beside;
    private final Consumer<CallEvent> loop;
    private final CallerTurns turns;
    private final CallerWords words = new CallerWords();
    private final DialogueHistory history = new DialogueHistory();
    private final GatedLine line;
    private final Responding responding;
    private final Shared shared;
    /// One answer after the other.
    private final ReentrantLock answering = new ReentrantLock();

    private final AtomicBoolean lost = new AtomicBoolean();
    private volatile boolean listening;
    // Guarded by this.
    private final ArrayDeque<GatedAnswer> answers = new ArrayDeque<>();
    private @Nullable GatedAnswer current;
    private boolean closed;

    /// @param instructions made anew for each session, because they name the time
    GatedTalk(
            GatedModels models,
            TurnGuard guard,
            ToolDesk tools,
            Vertical vertical,
            Supplier<SensitiveText> instructions,
            Executor beside,
            Consumer<CallEvent> loop,
            Meter meter) {
        this.models = models;
        this.guard = guard;
        this.loop = loop;
        this.beside = new Beside(beside, meter);
        this.handOver = new HandOver(tools, loop, meter);
        turns = new CallerTurns(models.patience(), System::nanoTime);
        Supplier<ChatDraft> conversation =
                () -> new ChatDraft(instructions.get(), history.messages(), vertical.tools());
        line = new GatedLine(new GatedLine.Parts(models, guard, conversation, turns, this.beside), new LineEvents());
        responding = new Responding(line);
        shared = new Shared(
                models,
                guard,
                new GuardedTools(guard, tools),
                history,
                words,
                line,
                responding,
                loop,
                meter,
                this::cutUnheard);
    }

    /// Opens the line: while the caller is told what answers there is time for it.
    GatedTalk open() {
        beside.start(line::run);
        return this;
    }

    @Override
    public String mode() {
        return GatedModels.MODE;
    }

    @Override
    public void listen(boolean now) {
        listening = now;
        line.listen(now);
        if (!now) {
            turns.forget();
        }
    }

    @Override
    public void audio(byte[] mulaw) {
        line.hear(mulaw);
        turns.frame(mulaw.length);
    }

    @Override
    public void speech(boolean speaking, Duration at) {
        if (!listening) {
            return;
        }
        if (speaking) {
            turns.started(at);
        } else {
            turns.stopped(at);
        }
    }

    @Override
    public void answer(long generation, SensitiveText heard) {
        var answer = new GatedAnswer(shared, generation);
        synchronized (this) {
            if (closed) {
                return;
            }
            words.keyed(heard);
            cancelCurrent();
            current = answer;
            answers.addLast(answer);
            if (answers.size() > REMEMBERED) {
                answers.removeFirst();
            }
        }
        beside.start(() -> run(answer));
    }

    private void run(GatedAnswer answer) {
        try {
            answering.lockInterruptibly();
            try {
                answer.run();
            } finally {
                answering.unlock();
            }
        } catch (SottoException failure) {
            if (!answer.over()) {
                lost("agent.gated.dumb", failure);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void hush() {
        synchronized (this) {
            cancelCurrent();
        }
        history.hushed();
        cutUnheard(null);
    }

    private void cancelCurrent() {
        if (current != null) {
            current.cancel();
            current = null;
        }
    }

    private void cutUnheard(@Nullable GatedAnswer next) {
        line.now()
                .ifPresent(session -> known().stream()
                        .filter(answer -> answer != next)
                        .forEach(answer -> answer.speech().cut(session)));
    }

    private synchronized List<GatedAnswer> known() {
        return List.copyOf(answers);
    }

    private synchronized @Nullable GatedAnswer current() {
        return current;
    }

    @Override
    public void begun(long sentence) {
        long now = System.nanoTime();
        beside.start(() -> known().forEach(answer -> answer.speech().begun(sentence, now)));
    }

    @Override
    public void heard(SentenceLog.Sentence sentence) {
        history.heard(sentence.number(), sentence.whole());
        known().forEach(answer -> answer.speech().heard(sentence.number(), sentence.length()));
    }

    /// What comes from the provider.
    private final class LineEvents implements GatedLine.Listener {
        @Override
        public void happened(RealtimeEvent event) {
            switch (event) {
                case RealtimeEvent.SpeechStarted(String item, Duration into) -> {
                    if (turns.providerStarted(item, into)) {
                        loop.accept(new CallEvent.SpeechStarted(turns.startOf(item)));
                    }
                }
                case RealtimeEvent.SpeechStopped(String item, Duration into) -> turns.providerStopped(item, into);
                case RealtimeEvent.Heard(String item, int _, SensitiveText text) -> written(item, text);
                case RealtimeEvent.HearingFailed(String item) -> written(item, SensitiveText.of(""));
                case RealtimeEvent.ResponseStarted(String response) -> responding.started(response);
                case RealtimeEvent.AgentAudio(var part, var audio) ->
                    responding.of(part.responseId()).ifPresent(answer -> answer.audio(part, audio));
                case RealtimeEvent.AgentAudioEnded(var part) ->
                    responding
                            .of(part.responseId())
                            .ifPresent(answer -> answer.speech().audioEnded(part));
                case RealtimeEvent.AgentWords(var part, var more) ->
                    responding.of(part.responseId()).ifPresent(answer -> answer.words(part, more));
                case RealtimeEvent.AgentWordsEnded(var part, var all) ->
                    responding.of(part.responseId()).ifPresent(answer -> answer.wordsEnded(part, all));
                case RealtimeEvent.ToolAsked(String response, var call) ->
                    responding.of(response).ifPresent(answer -> answer.asked(call));
                case RealtimeEvent.ResponseEnded(String response, var status, var _) ->
                    responding.ended(response).ifPresent(answer -> answer.ended(status));
                case RealtimeEvent.Refused(String _, boolean response) -> refused(response);
                case RealtimeEvent.SessionCreated _,
                        RealtimeEvent.SessionUpdated _,
                        RealtimeEvent.Committed _,
                        RealtimeEvent.CallerSilent _,
                        RealtimeEvent.HeardPartly _,
                        RealtimeEvent.KeyPressed _,
                        RealtimeEvent.ItemChanged _,
                        RealtimeEvent.OutputChanged _ -> {
                    // Guesses are neither kept nor sent, keys come from the carrier, the rest changes nothing.
                }
            }
        }

        /// What could not be written down is not left with the provider: nobody could say what it is.
        private void written(String item, SensitiveText text) {
            var said = turns.settled(item);
            if (!listening) {
                line.now().ifPresent(session -> session.delete(item));
                return;
            }
            if (text.reveal().isBlank()) {
                line.now().ifPresent(session -> session.delete(item));
                loop.accept(new CallEvent.Unheard(said.at(), said.length()));
                return;
            }
            words.spoken(text, item, line.number());
            loop.accept(new CallEvent.Heard(text, guard.heard(text), said.at(), said.length()));
        }

        private void refused(boolean response) {
            handOver.meter().count("agent.gated.refused");
            if (response) {
                var why = new UnavailableException(AgentError.ANSWER_FAILED, "the provider refuses to answer");
                responding.refused().ifPresent(answer -> answer.failed(why));
            }
        }

        @Override
        public void look() {
            turns.unnoticed().ifPresent(said -> loop.accept(new CallEvent.Unheard(said.at(), said.length())));
            if (turns.overdue()) {
                GatedTalk.this.lost(
                        "agent.gated.deaf",
                        new UnavailableException(
                                AgentError.MODEL_TOO_SLOW, "what a caller said is not written down in time"));
            }
            var answer = current();
            if (answer != null && answer.speech().heldTooLong(models.hold())) {
                GatedTalk.this.lost(
                        "agent.gated.held",
                        new UnavailableException(
                                AgentError.HELD_TOO_LONG, "the words of an answer do not come in time"));
            }
        }

        @Override
        public void broken() {
            responding.forget();
            known().forEach(GatedAnswer::broken);
            history.answered(List.of());
            turns.forget().forEach(said -> loop.accept(new CallEvent.Unheard(said.at(), said.length())));
        }

        @Override
        public void reopened() {
            var answer = current();
            if (answer != null) {
                answer.reopened(line.number());
            }
        }

        @Override
        public void lost(String event, SottoException failure) {
            GatedTalk.this.lost(event, failure);
        }
    }

    /// Nothing more is sent, and the caller goes on by keypad. Once.
    private void lost(String event, SottoException failure) {
        if (lost.compareAndSet(false, true)) {
            line.close();
            handOver.now(event, failure);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            listening = false;
            cancelCurrent();
        }
        line.close();
        beside.finish(guard::close);
    }
}
