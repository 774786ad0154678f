package dev.sotto.audit;

import dev.sotto.core.AuditReceipt;
import dev.sotto.core.Meter;
import dev.sotto.core.UnavailableException;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one writer of a log: gathers what waits, commits it as one statement, and only then tells those who
/// wait. After a commit with an unknown outcome it first begins a new epoch, so that nothing old can still
/// commit, and then looks what is there. Thread-safe.
final class Sequencer {
    private static final Logger log = LoggerFactory.getLogger(Sequencer.class);
    private static final Duration IDLE = Duration.ofMillis(100);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);
    private static final int MOST_BODY_BYTES = 1 << 20;

    private final String logId;
    private final int batchSize;
    private final LogStore store;
    private final UUID holder;
    private final Meter meter;
    private final BlockingQueue<PendingAppend> queue;
    private final Thread thread;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ReentrantLock headLock = new ReentrantLock();
    private final TenantHeads heads;
    private Frontier frontier;
    private long epoch;
    private volatile int lastBatch;
    private volatile long size;
    private volatile @Nullable AuditError stopped;

    Sequencer(AuditConfig config, LogStore store, Opened opened, Meter meter) {
        this.logId = config.logId();
        this.batchSize = config.batchSize();
        this.store = store;
        this.holder = opened.holder();
        this.epoch = opened.epoch();
        this.frontier = opened.frontier();
        this.size = frontier.size();
        this.heads = opened.heads();
        this.meter = meter;
        this.queue = new ArrayBlockingQueue<>(config.queueCapacity());
        this.thread = Thread.ofPlatform().name("sotto-audit-sequencer").daemon().unstarted(this::run);
    }

    /// What was there when the log was opened.
    record Opened(UUID holder, long epoch, Frontier frontier, TenantHeads heads) {}

    /// The durable head at one moment.
    record Head(long size, MerkleHash root, TenantHeads tenants) {}

    /// A batch and the state it leads to.
    private record Step(LogStore.Batch batch, Frontier frontier, TenantHeads touched) {}

    void start() {
        meter.gauge("audit.queue.length", queue::size);
        meter.gauge("audit.batch.size", () -> lastBatch);
        thread.start();
    }

    PendingAppend submit(Draft draft, boolean mayExist) {
        AuditError reason = stopped;
        if (reason != null) {
            throw new UnavailableException(reason, "audit log takes no more entries");
        }
        PendingAppend pending = new PendingAppend(draft, mayExist);
        if (!queue.offer(pending)) {
            meter.count("audit.append.refused");
            throw new UnavailableException(AuditError.AUDIT_QUEUE_FULL, "audit queue is full");
        }
        if (stopped != null) {
            failQueued();
        }
        return pending;
    }

    Head head() {
        headLock.lock();
        try {
            return new Head(frontier.size(), frontier.root(), heads.copy());
        } finally {
            headLock.unlock();
        }
    }

    long size() {
        return size;
    }

    boolean fenced() {
        return stopped == AuditError.AUDIT_FENCED || stopped == AuditError.AUDIT_DAMAGED;
    }

    /// Commits what waits, then stops.
    void close(Duration timeout) {
        closing.countDown();
        try {
            if (!thread.join(timeout)) {
                stop(AuditError.AUDIT_CLOSED);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            stop(AuditError.AUDIT_CLOSED);
        }
    }

    private void run() {
        try {
            while (stopped == null) {
                List<PendingAppend> batch = nextBatch();
                if (!batch.isEmpty()) {
                    commitOrFail(batch);
                } else if (isClosing()) {
                    break;
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException bug) {
            log.atError()
                    .addKeyValue("event", "audit.sequencer.failed")
                    .setCause(bug)
                    .log("audit sequencer failed");
        } finally {
            stop(AuditError.AUDIT_CLOSED);
        }
    }

    private void commitOrFail(List<PendingAppend> batch) throws InterruptedException {
        try {
            commit(batch);
        } catch (RuntimeException bug) {
            fail(batch, AuditError.AUDIT_DATABASE);
            throw bug;
        }
    }

    private List<PendingAppend> nextBatch() throws InterruptedException {
        List<PendingAppend> batch = new ArrayList<>();
        PendingAppend next = queue.poll(IDLE.toMillis(), TimeUnit.MILLISECONDS);
        int bytes = 0;
        while (next != null) {
            if (next.take()) {
                batch.add(next);
                bytes += next.draft().body().size();
            }
            next = batch.size() < batchSize && bytes < MOST_BODY_BYTES ? queue.poll() : null;
        }
        return batch;
    }

    private void commit(List<PendingAppend> taken) throws InterruptedException {
        List<PendingAppend> open = taken;
        if (open.stream().anyMatch(PendingAppend::mayExist)) {
            open = afterDoubt(null, open);
        }
        while (!open.isEmpty() && stopped == null) {
            Step step = step(open);
            long started = System.nanoTime();
            try {
                if (!store.append(step.batch(), epoch)) {
                    // Fenced, or an epoch that this sequencer asked for in vain was taken late.
                    open = afterDoubt(null, open);
                    continue;
                }
                meter.time("audit.commit.time", Duration.ofNanos(System.nanoTime() - started));
                apply(step);
                succeed(open, step.batch());
                return;
            } catch (SQLException doubt) {
                warn("audit.commit.doubt", doubt);
                open = afterDoubt(step, open);
                if (!mayPass(doubt)) {
                    refuse(open);
                    return;
                }
            }
        }
        fail(open, AuditError.AUDIT_CLOSED);
    }

    /// The database said no to what is in the batch. One bad entry must not fail its neighbours.
    private void refuse(List<PendingAppend> open) throws InterruptedException {
        if (open.size() <= 1) {
            fail(open, AuditError.AUDIT_DATABASE);
            return;
        }
        for (PendingAppend pending : open) {
            commit(List.of(pending));
        }
    }

    private Step step(List<PendingAppend> open) {
        Frontier next = frontier.copy();
        TenantHeads touched = new TenantHeads();
        List<StoredEntry> entries = new ArrayList<>(open.size());
        List<Tile> tiles = new ArrayList<>();
        for (PendingAppend pending : open) {
            UUID tenant = pending.draft().tenant().value();
            long tenantSequence = Math.max(heads.count(tenant), touched.count(tenant));
            StoredEntry entry = pending.draft().at(next.size(), tenantSequence);
            entries.add(entry);
            tiles.addAll(next.append(entry.leafHash()));
            touched.put(tenant, tenantSequence + 1, entry.leafHash());
        }
        return new Step(new LogStore.Batch(entries, tiles, next.size(), next.root()), next, touched);
    }

    /// Finds out which of `open` are in the log, whatever happened before, and settles those. Returns the
    /// others that somebody still waits for: they are not in the log and nothing under way can put them there.
    private List<PendingAppend> afterDoubt(@Nullable Step step, List<PendingAppend> open) throws InterruptedException {
        Duration pause = FIRST_PAUSE;
        while (true) {
            try {
                LogStore.Taken taken = store.takeEpoch(holder).orElse(null);
                Map<MerkleHash, Long> found = store.find(
                        open.stream().map(pending -> pending.draft().id()).toList());
                meter.count("audit.reconciled");
                return settle(step, open, taken, found);
            } catch (SQLException again) {
                warn("audit.reconcile.failed", again);
            }
            if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS) || stopped != null) {
                fail(open, AuditError.AUDIT_CLOSED);
                stop(AuditError.AUDIT_CLOSED);
                return List.of();
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    private List<PendingAppend> settle(
            @Nullable Step step,
            List<PendingAppend> open,
            LogStore.@Nullable Taken taken,
            Map<MerkleHash, Long> found) {
        List<PendingAppend> rest = new ArrayList<>();
        for (PendingAppend pending : open) {
            Long sequence = found.get(pending.draft().id());
            if (sequence != null) {
                pending.succeed(new AuditReceipt(logId, sequence));
            } else if (!pending.givenUp()) {
                rest.add(pending);
            }
        }
        if (taken == null) {
            fenced(rest);
            return List.of();
        }
        epoch = taken.epoch();
        if (step != null && taken.size() == step.batch().size()) {
            apply(step);
        }
        if (taken.size() != frontier.size()) {
            log.atError().addKeyValue("event", "audit.head.unexpected").log("the head of the audit log moved");
            fail(rest, AuditError.AUDIT_DAMAGED);
            stop(AuditError.AUDIT_DAMAGED);
            return List.of();
        }
        return rest;
    }

    private void apply(Step step) {
        headLock.lock();
        try {
            frontier = step.frontier();
            size = frontier.size();
            heads.putAll(step.touched());
        } finally {
            headLock.unlock();
        }
        lastBatch = step.batch().entries().size();
        meter.count("audit.batches");
        meter.count("audit.entries", lastBatch);
    }

    private void succeed(List<PendingAppend> pending, LogStore.Batch batch) {
        long sequence = batch.size() - batch.entries().size();
        for (PendingAppend each : pending) {
            each.succeed(new AuditReceipt(logId, sequence++));
        }
    }

    private void fenced(List<PendingAppend> open) {
        log.atError().addKeyValue("event", "audit.sequencer.fenced").log("another sequencer took over this audit log");
        meter.count("audit.fenced");
        fail(open, AuditError.AUDIT_FENCED);
        stop(AuditError.AUDIT_FENCED);
    }

    private void stop(AuditError reason) {
        if (stopped == null) {
            stopped = reason;
        }
        failQueued();
    }

    private void failQueued() {
        AuditError reason = stopped;
        List<PendingAppend> waiting = new ArrayList<>();
        queue.drainTo(waiting);
        fail(waiting, reason == null ? AuditError.AUDIT_CLOSED : reason);
    }

    private void fail(List<PendingAppend> pending, AuditError reason) {
        if (!pending.isEmpty()) {
            meter.count("audit.append.failed", pending.size());
            pending.forEach(each -> each.fail(reason));
        }
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    /// Whether the same statement may succeed later: the connection or the server failed, not the data.
    private static boolean mayPass(SQLException failure) {
        String state = failure.getSQLState();
        return state == null
                || failure instanceof SQLTransientException
                || List.of("08", "40", "53", "55", "57", "58", "XX")
                        .contains(state.substring(0, Math.min(2, state.length())));
    }

    private void warn(String event, SQLException failure) {
        log.atWarn()
                .addKeyValue("event", event)
                .addKeyValue("log", logId)
                .addKeyValue("state", failure.getSQLState())
                .log("the audit database did not answer as expected");
    }
}
