package dev.sotto.agent;

import dev.sotto.agent.ToolResult.Why;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What runs beside one call: bounded in number, never waited for, answered by an event. Thread-safe.
final class CallWork {
    private static final Logger log = LoggerFactory.getLogger(CallWork.class);

    /// Told when a tool is done, whether or not its answer is still of interest.
    interface Done {
        void tool(String name, ToolResult result, Duration at, Duration took);
    }

    private final CallParts parts;
    private final ToolDesk tools;
    private final Mailbox mailbox;
    private final Supplier<Duration> position;
    private final Done done;
    private final Semaphore slots;

    CallWork(CallParts parts, ToolDesk tools, Mailbox mailbox, Supplier<Duration> position, Done done) {
        this.parts = parts;
        this.tools = tools;
        this.mailbox = mailbox;
        this.position = position;
        this.done = done;
        this.slots = new Semaphore(parts.limits().workBeside());
    }

    /// Runs something that may fail; its failure is an event.
    void beside(Runnable task) {
        boolean started = start(() -> {
            try {
                task.run();
            } catch (SottoException failure) {
                log.atWarn()
                        .addKeyValue("event", "agent.work.failed")
                        .addKeyValue("code", failure.code().name())
                        .log("work beside a call failed");
                mailbox.post(new CallEvent.Failed());
            }
        });
        if (!started) {
            mailbox.post(new CallEvent.Failed());
        }
    }

    /// Runs a tool. The answer of the identity check comes at a multiple of the floor, whatever it is.
    void ask(long generation, String tool, SensitiveText arguments) {
        var at = position.get();
        long began = parts.timers().nanoTime();
        boolean started = start(() -> {
            var result = run(tool, arguments);
            var took = Duration.ofNanos(parts.timers().nanoTime() - began);
            Tool.named(tool).ifPresent(known -> parts.meter().time("agent.tool." + known.wireName(), took));
            done.tool(tool, result, at, took);
            answer(tool, new CallEvent.ToolAnswered(generation, result), took);
        });
        if (!started) {
            mailbox.post(new CallEvent.ToolAnswered(generation, new ToolResult.Refused(Why.TOO_MANY_AT_ONCE)));
        }
    }

    private ToolResult run(String tool, SensitiveText arguments) {
        try {
            return tools.run(tool, arguments);
        } catch (RuntimeException fault) { // the root of the tool's thread
            log.atError()
                    .addKeyValue("event", "agent.tool.broken")
                    .addKeyValue("fault", fault.getClass().getName())
                    .log("a tool failed by a fault");
            parts.meter().count("agent.tool.broken");
            return new ToolResult.Unavailable();
        }
    }

    private void answer(String tool, CallEvent.ToolAnswered answer, Duration took) {
        if (!tool.equals(Tool.VERIFY_IDENTITY.wireName())) {
            mailbox.post(answer);
            return;
        }
        var floor = parts.times().identityFloor();
        var due = floor.multipliedBy(Math.max(1, Math.ceilDiv(took.toNanos(), floor.toNanos())));
        parts.timers().after(due.minus(took), () -> mailbox.post(answer));
    }

    private boolean start(Runnable task) {
        if (!slots.tryAcquire()) {
            parts.meter().count("agent.work.refused");
            return false;
        }
        parts.beside().execute(() -> {
            try {
                task.run();
            } finally {
                slots.release();
            }
        });
        return true;
    }

    /// Lets nothing more start, and waits for what runs.
    void close(Duration timeout) throws InterruptedException {
        if (!slots.tryAcquire(parts.limits().workBeside(), timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            parts.meter().count("agent.work.abandoned");
        }
    }
}
