package dev.sotto.agent;

import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Has a language model answer one call, one answer at a time, and hands what it says to the loop. Thread-safe; no
/// method blocks.
final class ModelAnswers implements AutoCloseable {
    private final Dialogue dialogue;
    private final Mouth mouth;
    private final HandOver handOver;
    private final Beside beside;
    private final Consumer<CallEvent> loop;
    private final Meter meter;
    // Guarded by this.
    private Dialogue.@Nullable Turn current;
    private @Nullable TurnClock clock;
    private boolean closed;

    ModelAnswers(
            Dialogue dialogue, Mouth mouth, HandOver handOver, Beside beside, Consumer<CallEvent> loop, Meter meter) {
        this.dialogue = dialogue;
        this.mouth = mouth;
        this.handOver = handOver;
        this.beside = beside;
        this.loop = loop;
        this.meter = meter;
    }

    /// @param heardNanos when what was heard was known, in the time of [System#nanoTime()]
    void answer(long generation, SensitiveText heard, long heardNanos) {
        var turn = new Dialogue.Turn();
        var timed = new TurnClock(heardNanos, meter);
        synchronized (this) {
            if (closed) {
                return;
            }
            cancelCurrent();
            current = turn;
            clock = timed;
        }
        beside.start(() -> new Answer(generation, turn, timed).run(heard));
    }

    /// One answer, from what was heard to the last word of it.
    private final class Answer {
        private final long generation;
        private final Dialogue.Turn turn;
        private final TurnClock timed;
        private final SentenceQueue queue;

        Answer(long generation, Dialogue.Turn turn, TurnClock timed) {
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

    /// The first frame of a sentence is on its way to the caller.
    synchronized void begun(long sentence) {
        if (clock != null) {
            clock.begun(sentence);
        }
    }

    synchronized void hush() {
        cancelCurrent();
        dialogue.history().hushed();
    }

    private void cancelCurrent() {
        if (current != null) {
            current.cancel();
            current = null;
        }
    }

    void heard(SentenceLog.Sentence sentence) {
        dialogue.history().heard(sentence.number(), sentence.whole());
    }

    @Override
    public synchronized void close() {
        closed = true;
        cancelCurrent();
    }
}
