package dev.sotto.audit;

import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditReceipt;
import dev.sotto.core.AuditSink;
import dev.sotto.core.UnavailableException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The sink for the time before there is a log: opening the log needs keys, and using keys must be recorded.
/// Events wait in memory, with the time they came, until [#connect(AuditLog)] writes them, in order and exactly
/// once; from then on it passes everything through. Thread-safe.
///
/// Until connected, nothing is durable: a node must not be ready before it is.
public final class BootAuditSink implements AuditSink {
    /// The log id of receipts given before there is a log; their sequence counts what was queued.
    public static final String BOOT = "boot";

    private static final int DEFAULT_CAPACITY = 1024;
    private static final int GROUP = 128;

    private final Clock clock;
    private final SecureRandom random;
    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Draft> waiting = new ArrayDeque<>();
    private long queued;
    private volatile @Nullable AuditLog log;

    /// Queues up to 1024 events.
    public BootAuditSink(Clock clock, SecureRandom random) {
        this(clock, random, DEFAULT_CAPACITY);
    }

    public BootAuditSink(Clock clock, SecureRandom random, int capacity) {
        this.clock = clock;
        this.random = random;
        this.capacity = capacity;
    }

    /// Queues `event`, or records it once connected.
    ///
    /// @throws UnavailableException if too many wait, or it may not be durable; the caller must not act
    @Override
    public AuditReceipt append(AuditEvent event) {
        AuditLog connected = log;
        if (connected == null) {
            lock.lock();
            try {
                connected = log;
                if (connected == null) {
                    return queue(event);
                }
            } finally {
                lock.unlock();
            }
        }
        return connected.append(event);
    }

    private AuditReceipt queue(AuditEvent event) {
        if (waiting.size() >= capacity) {
            throw new UnavailableException(AuditError.AUDIT_QUEUE_FULL, "boot audit queue is full");
        }
        waiting.add(Draft.of(event, clock, random));
        return new AuditReceipt(BOOT, queued++);
    }

    /// Writes what waits and passes through from then on. Appends meanwhile wait, so that order is kept. If it
    /// fails it may be called again: what was already written is not written twice.
    ///
    /// @throws UnavailableException if not everything may be durable
    /// @throws IllegalStateException if it is connected already
    public void connect(AuditLog target) {
        lock.lock();
        try {
            if (log != null) {
                throw new IllegalStateException("boot audit sink is already connected");
            }
            while (!waiting.isEmpty()) {
                writeGroup(target);
            }
            log = target;
        } finally {
            lock.unlock();
        }
    }

    private void writeGroup(AuditLog target) {
        List<PendingAppend> group = new ArrayList<>();
        try {
            for (Draft draft : waiting) {
                if (group.size() == GROUP) {
                    break;
                }
                group.add(target.submit(draft, true));
            }
            for (PendingAppend pending : group) {
                pending.await(target.appendTimeout());
                waiting.remove();
            }
        } catch (UnavailableException failure) {
            group.forEach(PendingAppend::abandon);
            throw failure;
        }
    }
}
