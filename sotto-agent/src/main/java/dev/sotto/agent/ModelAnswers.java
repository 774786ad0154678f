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
    private boolean closed;

    ModelAnswers(
            Dialogue dialogue,
            Mouth mouth,
            HandOver handOver,
            Beside beside,
            Consumer<CallEvent> loop,
            Meter meter) {
        this.dialogue = dialogue;
        this.mouth = mouth;
        this.handOver = handOver;
        this.beside = beside;
        this.loop = loop;
        this.meter = meter;
    }

    void answer(long generation, SensitiveText heard) {
        long began = System.nanoTime();
        var turn = new Dialogue.Turn();
        synchronized (this) {
            if (closed) {
                return;
            }
            cancelCurrent();
            current = turn;
        }
        beside.start(() -> new Answer(generation, turn, began).run(heard));
    }

    /// One answer, from what was heard to the last word of it.
    private final class Answer {
        private final long generation;
        private final Dialogue.Turn turn;
        private final long began;
        private final SentenceQueue queue;

        Answer(long generation, Dialogue.Turn turn, long began) {
            this.generation = generation;
            this.turn = turn;
            this.began = began;
            this.queue = new SentenceQueue(
                    mouth, () -> !turn.cancelled(), spoken -> loop.accept(new CallEvent.Voiced(generation, spoken)));
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
                private boolean first = true;

                @Override
                public void asking() {
                    if (first) {
                        first = false;
                        meter.time("agent.talk.before_model", Duration.ofNanos(System.nanoTime() - began));
                    }
                }

                @Override
                public boolean sentence(long number, SensitiveText text) throws InterruptedException {
                    return queue.put(number, text);
                }

                @Override
                public void tool(String name, ToolResult result, Duration took) {
                    loop.accept(new CallEvent.ToolRan(name, result, took));
                }
            };
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
