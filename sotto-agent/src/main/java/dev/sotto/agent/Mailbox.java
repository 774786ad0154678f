package dev.sotto.agent;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What a call loop has still to handle, in order. Bounded in what a peer can put in; what Sotto itself puts in is
/// bounded
/// by the timers and the work a call may have. Thread-safe.
final class Mailbox {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private final int peerCapacity;
    private int fromPeer;

    private record Entry(CallEvent event, boolean peer) {}

    /// @param peerCapacity how many events of the peer may wait
    Mailbox(int peerCapacity) {
        this.peerCapacity = peerCapacity;
    }

    /// Adds what a peer did. False if too much of it waits already: the event is gone.
    boolean offer(CallEvent event) {
        lock.lock();
        try {
            if (fromPeer >= peerCapacity) {
                return false;
            }
            fromPeer++;
            add(new Entry(event, true));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Adds an event of Sotto's own.
    void post(CallEvent event) {
        lock.lock();
        try {
            add(new Entry(event, false));
        } finally {
            lock.unlock();
        }
    }

    private void add(Entry entry) {
        entries.addLast(entry);
        arrived.signal();
    }

    /// Waits for the next event.
    CallEvent take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (entries.isEmpty()) {
                arrived.await();
            }
            var entry = entries.removeFirst();
            if (entry.peer()) {
                fromPeer--;
            }
            return entry.event();
        } finally {
            lock.unlock();
        }
    }
}
