package dev.sotto.agent;

import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has a language model answer one call, one answer at a time, and hands what it says to the loop. Thread-safe; no
/// method blocks.
final class ModelAnswers implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ModelAnswers.class);

    private final Dialogue dialogue;
    private final Mouth mouth;
    private final ToolDesk tools;
    private final Executor beside;
    private final Consumer<CallEvent> loop;
    private final Meter meter;
    // Guarded by this.
    private Dialogue.@Nullable Turn current;
    private boolean closed;

    ModelAnswers(
            Dialogue dialogue, Mouth mouth, ToolDesk tools, Executor beside, Consumer<CallEvent> loop, Meter meter) {
        this.dialogue = dialogue;
        this.mouth = mouth;
        this.tools = tools;
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
        beside(() -> new Answer(generation, turn, began).run(heard));
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
            if (!beside(queue::run)) {
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
                    lost("agent.talk.dumb", failure);
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

    /// The caller of a model that is lost goes on without it.
    void lost(String event, SottoException failure) {
        meter.count(event);
        log.atWarn()
                .addKeyValue("event", event)
                .addKeyValue("code", failure.code().name())
                .log("a model is lost to a call; the receptionist takes over");
        loop.accept(new CallEvent.HandedOver(tools.verified()));
    }

    @Override
    public synchronized void close() {
        closed = true;
        cancelCurrent();
    }

    /// False if the node stops and takes no more work.
    boolean beside(Runnable task) {
        try {
            beside.execute(task);
            return true;
        } catch (RejectedExecutionException stopping) {
            meter.count("agent.talk.stopping");
            return false;
        }
    }
}
