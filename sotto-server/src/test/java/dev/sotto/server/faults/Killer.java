package dev.sotto.server.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Kills a node's database server with `kill -9`, and each one that is started in its place, until closed.
final class Killer implements AutoCloseable {
    private static final long PAUSE_NANOS = 1_000_000;

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

    /// Does not wait for an end: the JDK looks for the end of a process that is not its child only every 300 ms and
    /// more, and the next server could serve meanwhile.
    private void run() {
        long killed = -1;
        while (!closed) {
            try {
                long server = home.server().orElse(-1L);
                if (server != killed && kill(server)) {
                    killed = server;
                    kills.incrementAndGet();
                }
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static boolean kill(long server) {
        return ProcessHandle.of(server).map(ProcessHandle::destroyForcibly).orElse(false);
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
