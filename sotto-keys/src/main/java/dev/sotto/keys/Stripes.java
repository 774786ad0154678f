package dev.sotto.keys;

import dev.sotto.core.UnavailableException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// A fixed number of locks, shared out by hash, so that two threads do not fetch or make the same key at once.
final class Stripes {
    private static final int COUNT = 256;

    private final ReentrantLock[] locks = new ReentrantLock[COUNT];
    private final Duration patience;

    Stripes(Duration patience) {
        this.patience = patience;
        for (int i = 0; i < COUNT; i++) {
            locks[i] = new ReentrantLock();
        }
    }

    /// A lock that is held until closed.
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    /// @throws UnavailableException if another holder takes too long, or the thread was interrupted
    Held lock(Object name) {
        var lock = locks[Math.floorMod(name.hashCode() * 0x9E3779B9, COUNT)];
        try {
            if (lock.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                return lock::unlock;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        throw new UnavailableException(KeysError.KEY_BUSY, "another use of the key did not end in time");
    }
}
