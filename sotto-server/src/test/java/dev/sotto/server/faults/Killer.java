package dev.sotto.server.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Kills a node's database server with `kill -9`, and each one that is started in its place, until closed.
final class Killer implements AutoCloseable {
    private static final long PAUSE_NANOS = 5_000_000;

    private final Home home;
    private final Thread thread;
    private final AtomicInteger kills = new AtomicInteger();
    private volatile boolean closed;

    private Killer(Home home) {
        this.home = home;
        this.thread = Thread.ofPlatform().name("killer").start(this::run);
    }

    /// @return once the first server is dead
    static Killer ofDatabase(Home home) throws Exception {
        var killer = new Killer(home);
        Await.until("the database is dead", () -> killer.kills.get() > 0);
        return killer;
    }

    private void run() {
        while (!closed) {
            try {
                home.server().flatMap(ProcessHandle::of).ifPresent(server -> {
                    if (server.destroyForcibly()) {
                        server.onExit().join();
                        kills.incrementAndGet();
                    }
                });
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    @Override
    public String toString() {
        return "%d kills, the killer %s".formatted(kills.get(), thread.isAlive() ? "lives" : "is dead");
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
