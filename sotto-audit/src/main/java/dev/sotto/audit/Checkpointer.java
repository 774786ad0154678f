package dev.sotto.audit;

import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Signs the durable head while it grows, and keeps each checkpoint in the database and outside it.
/// Thread-safe.
final class Checkpointer {
    private static final Logger log = LoggerFactory.getLogger(Checkpointer.class);

    private final Sequencer sequencer;
    private final LogStore store;
    private final CheckpointFiles files;
    private final CheckpointSigner signer;
    private final Clock clock;
    private final Meter meter;
    private final ReentrantLock signing = new ReentrantLock();
    private final ScheduledExecutorService timer;
    private volatile @Nullable SignedCheckpoint latest;
    private volatile long savedAtNanos = System.nanoTime();

    Checkpointer(
            Sequencer sequencer,
            LogStore store,
            CheckpointFiles files,
            CheckpointSigner signer,
            Clock clock,
            Meter meter) {
        this.sequencer = sequencer;
        this.store = store;
        this.files = files;
        this.signer = signer;
        this.clock = clock;
        this.meter = meter;
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("sotto-audit-checkpoints").daemon().factory());
    }

    void start(Duration interval) {
        meter.gauge("audit.anchor.age.millis", this::ageMillis);
        meter.gauge("audit.unsigned.entries", this::unsigned);
        var _ = timer.scheduleAtFixedRate(this::tick, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    Optional<SignedCheckpoint> latest() {
        return Optional.ofNullable(latest);
    }

    /// Signs the head as it is now, unless the newest checkpoint already is of it.
    SignedCheckpoint now() {
        signing.lock();
        try {
            if (sequencer.fenced()) {
                throw new UnavailableException(AuditError.AUDIT_FENCED, "another sequencer took over this audit log");
            }
            Sequencer.Head head = sequencer.head();
            SignedCheckpoint before = latest;
            if (before != null && before.checkpoint().size() == head.size()) {
                return before;
            }
            SignedCheckpoint signed = signer.sign(
                    new Checkpoint(
                            signer.name(),
                            head.size(),
                            head.root(),
                            head.tenants().root()),
                    clock.instant());
            store.saveCheckpoint(signed);
            files.save(signed);
            latest = signed;
            savedAtNanos = System.nanoTime();
            meter.count("audit.checkpoints");
            return signed;
        } finally {
            signing.unlock();
        }
    }

    void close() {
        timer.shutdown();
    }

    private void tick() {
        try {
            if (unsigned() > 0 && !sequencer.fenced()) {
                now();
            }
        } catch (SottoException failure) {
            meter.count("audit.checkpoint.failed");
            log.atError()
                    .addKeyValue("event", "audit.checkpoint.failed")
                    .addKeyValue("code", failure.code().name())
                    .log("no checkpoint could be made: entries since the last one are not anchored");
        }
    }

    private long unsigned() {
        SignedCheckpoint before = latest;
        return sequencer.size() - (before == null ? 0 : before.checkpoint().size());
    }

    private long ageMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - savedAtNanos);
    }
}
