package dev.sotto.agent;

import dev.sotto.core.Meter;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/// Runs what blocks beside a call that talks with models. Thread-safe.
record Beside(Executor executor, Meter meter) {
    /// False if the node stops and takes no more work.
    boolean start(Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (RejectedExecutionException stopping) {
            meter.count("agent.talk.stopping");
            return false;
        }
    }

    /// Runs it here if the node stops: what ends a call is done before it does.
    void finish(Runnable task) {
        if (!start(task)) {
            task.run();
        }
    }
}
