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
    private final ModelAnswers answers;
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
    private boolean asked;
    private boolean closed;
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
        this.beside = new Beside(beside, meter);
        this.loop = loop;
        this.meter = meter;
        var mouth =
                new SpeechMouth(models.synthesizer(), models.synthesizerDestination(), guard, models.patience(), meter);
        answers = new ModelAnswers(dialogue, mouth, handOver, this.beside, loop, meter);
    }

    @Override
    public String mode() {
        return StrictModels.MODE;
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
        long known;
        synchronized (this) {
            // What was keyed was known just now.
            known = heardNanos == 0 ? System.nanoTime() : heardNanos;
            heardNanos = 0;
        }
        answers.answer(generation, heard, known);
    }

    @Override
    public void hush() {
        answers.hush();
    }

    @Override
    public void begun(long sentence) {
        answers.begun(sentence);
    }

    @Override
    public void heard(SentenceLog.Sentence sentence) {
        answers.heard(sentence);
    }

    @Override
    public void close() {
        answers.close();
        Passage open;
        synchronized (this) {
            closed = true;
            listening = false;
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
