package dev.sotto.agent;

import dev.sotto.core.DataClass;
import dev.sotto.core.Meter;
import dev.sotto.core.Passage;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.model.Transcriber;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Talks with a caller by transcriber, language model and synthesizer, each behind the guard. Thread-safe.
final class StrictTalk implements Talk {
    static final String TRANSCRIPTION = "transcription";

    /// Utterances that may be at the transcriber at once.
    private static final int TRANSCRIBING = 2;

    private final StrictModels models;
    private final Transcriber transcriber;
    private final TurnGuard guard;
    private final HandOver handOver;
    private final Dialogue dialogue;
    private final Mouth mouth;
    private final Beside beside;
    private final Consumer<CallEvent> loop;
    private final Meter meter;
    private final UtteranceEar ear = new UtteranceEar();
    /// Counted down once it is known whether the caller may be heard.
    private final CountDownLatch decided = new CountDownLatch(1);

    private final Semaphore transcribing = new Semaphore(TRANSCRIBING);

    private volatile boolean listening;
    // Guarded by this.
    private @Nullable Passage passage;
    private Dialogue.@Nullable Turn current;
    private boolean asked;
    private boolean closed;
    private @Nullable TurnClock clock;
    private long heardNanos;

    StrictTalk(
            StrictModels models,
            Transcriber transcriber,
            TurnGuard guard,
            ToolDesk tools,
            Dialogue dialogue,
            Executor beside,
            Consumer<CallEvent> loop,
            Meter meter) {
        this.models = models;
        this.transcriber = transcriber;
        this.guard = guard;
        this.handOver = new HandOver(tools, loop, meter);
        this.dialogue = dialogue;
        this.beside = new Beside(beside, meter);
        this.loop = loop;
        this.meter = meter;
        this.mouth = new Mouth(models.synthesizer(), models.synthesizerDestination(), guard, models.patience(), meter);
    }

    @Override
    public void listen(boolean now) {
        listening = now;
        if (!now) {
            ear.forget();
            return;
        }
        synchronized (this) {
            if (asked) {
                return;
            }
            asked = true;
        }
        beside.start(this::openPassage);
    }

    private void openPassage() {
        try {
            var granted = guard.grant(models.transcriberDestination(), DataClass.RECORDING, TRANSCRIPTION);
            synchronized (this) {
                if (!closed) {
                    passage = granted;
                    return;
                }
            }
            granted.close();
        } catch (SottoException refused) {
            handOver.now("agent.talk.ungranted", refused);
        } finally {
            decided.countDown();
        }
    }

    /// Waits until it is known whether the caller may be heard: who speaks at once must not be missed.
    private Optional<Passage> passage() {
        try {
            if (!decided.await(models.patience().toNanos(), TimeUnit.NANOSECONDS)) {
                meter.count("agent.talk.undecided");
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            return Optional.ofNullable(passage);
        }
    }

    @Override
    public void audio(byte[] mulaw) {
        if (listening) {
            ear.audio(mulaw);
        }
    }

    @Override
    public void speech(boolean speaking, Duration at) {
        if (!listening) {
            return;
        }
        if (speaking) {
            ear.started(at);
        } else {
            ear.stopped().ifPresent(said -> beside.start(() -> transcribe(said)));
        }
    }

    private void transcribe(UtteranceEar.Utterance said) {
        var open = passage();
        if (open.isEmpty() || !transcribing.tryAcquire()) {
            meter.count("agent.talk.untranscribed");
            loop.accept(new CallEvent.Unheard(said.at(), said.length()));
            return;
        }
        try {
            var text = transcriber.transcribe(said.audio(), open.get());
            synchronized (this) {
                heardNanos = System.nanoTime();
            }
            loop.accept(
                    text.reveal().isBlank()
                            ? new CallEvent.Unheard(said.at(), said.length())
                            : new CallEvent.Heard(text, guard.heard(text), said.at(), said.length()));
        } catch (SottoException failure) {
            loop.accept(new CallEvent.Unheard(said.at(), said.length()));
            handOver.now("agent.talk.deaf", failure);
        } finally {
            transcribing.release();
        }
    }

    @Override
    public void answer(long generation, SensitiveText heard) {
        var turn = new Dialogue.Turn();
        TurnClock timed;
        synchronized (this) {
            if (closed) {
                return;
            }
            cancelCurrent();
            current = turn;
            // What was keyed was known just now.
            timed = new TurnClock(heardNanos == 0 ? System.nanoTime() : heardNanos, meter);
            heardNanos = 0;
            clock = timed;
        }
        beside.start(() -> new TalkTurn(generation, turn, timed).run(heard));
    }

    /// One answer, from what was heard to the last sound of it.
    private final class TalkTurn {
        private final long generation;
        private final Dialogue.Turn turn;
        private final TurnClock timed;
        private final SentenceQueue queue;

        TalkTurn(long generation, Dialogue.Turn turn, TurnClock timed) {
            this.generation = generation;
            this.turn = turn;
            this.timed = timed;
            this.queue = new SentenceQueue(
                    mouth,
                    () -> !turn.cancelled(),
                    timed,
                    spoken -> loop.accept(new CallEvent.Voiced(generation, spoken)));
        }

        void run(SensitiveText heard) {
            if (!beside.start(queue::run)) {
                return;
            }
            try {
                var end = dialogue.answer(heard, turn, listener());
                var spoken = queue.finish();
                if (end.isPresent() && !turn.cancelled()) {
                    loop.accept(new CallEvent.Answered(generation, spoken ? end.get() : new AnswerEnd.Blocked()));
                }
            } catch (SottoException failure) {
                queue.abandon();
                if (!turn.cancelled()) {
                    handOver.now("agent.talk.dumb", failure);
                }
            } catch (InterruptedException stopped) {
                queue.abandon();
                Thread.currentThread().interrupt();
            }
        }

        private Dialogue.Listener listener() {
            return new Dialogue.Listener() {
                @Override
                public void asked(long sentNanos) {
                    timed.asked(sentNanos);
                }

                @Override
                public boolean sentence(long number, SensitiveText text) throws InterruptedException {
                    timed.sentence(number);
                    return queue.put(number, text);
                }

                @Override
                public void tool(String name, ToolResult result, Duration took) {
                    loop.accept(new CallEvent.ToolRan(name, result, took));
                }
            };
        }
    }

    @Override
    public synchronized void begun(long sentence) {
        if (clock != null) {
            clock.begun(sentence);
        }
    }

    @Override
    public synchronized void hush() {
        cancelCurrent();
        dialogue.history().hushed();
    }

    private void cancelCurrent() {
        if (current != null) {
            current.cancel();
            current = null;
        }
    }

    @Override
    public void heard(SentenceLog.Sentence sentence) {
        dialogue.history().heard(sentence.number(), sentence.whole());
    }

    @Override
    public void close() {
        Passage open;
        synchronized (this) {
            closed = true;
            listening = false;
            cancelCurrent();
            open = passage;
            passage = null;
        }
        // If the node stops, what the passage counted is recorded before it does.
        beside.finish(() -> {
            if (open != null) {
                open.close();
            }
            guard.close();
        });
    }
}
