package dev.sotto.simulator;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// The time of one connection. All tasks run one after another on its thread.
interface Timers {
    /// Something that was asked for later.
    interface Timer {
        void cancel();
    }

    /// Monotonic, in nanoseconds.
    long nanos();

    Timer after(Duration delay, Runnable task);

    /// The time of a Netty event loop.
    static Timers of(EventLoop loop) {
        return new Timers() {
            @Override
            public long nanos() {
                return System.nanoTime();
            }

            @Override
            public Timer after(Duration delay, Runnable task) {
                var scheduled = loop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
                return () -> scheduled.cancel(false);
            }
        };
    }
}
