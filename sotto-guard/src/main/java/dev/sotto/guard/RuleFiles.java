package dev.sotto.guard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditSink;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A policy and a register in files, read again when they change. Files that do not hold together are refused and the
/// old rules stay; new rules count from when their audit entry is durable. Thread-safe.
public final class RuleFiles implements Supplier<GuardRules>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RuleFiles.class);
    private static final Duration CLOSE_TIME = Duration.ofSeconds(5);

    private final Path policyFile;
    private final Path registerFile;
    private final AuditSink audit;
    private final ActorId actor;
    private final ScheduledExecutorService watcher;
    private volatile GuardRules rules;
    private Text seen;

    /// What a look at the files came to.
    public sealed interface Reload {
        /// They are as they were at the last look.
        record Unchanged() implements Reload {}

        /// These rules count from now on.
        record Loaded(String label) implements Reload {}

        /// The old rules stay; `message` lists all problems and holds nothing protected.
        record Refused(String message) implements Reload {}
    }

    private record Text(String policy, String register) {}

    private RuleFiles(Path policyFile, Path registerFile, AuditSink audit, ActorId actor) {
        this.policyFile = policyFile;
        this.registerFile = registerFile;
        this.audit = audit;
        this.actor = actor;
        this.seen = read(policyFile, registerFile);
        this.rules = GuardRules.parse(seen.policy(), seen.register());
        this.watcher = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("guard-rules").factory());
    }

    /// Reads both files and records the rules that count.
    ///
    /// @throws RejectedException if a file cannot be read or the rules do not hold together
    /// @throws UnavailableException if the audit log does not answer
    public static RuleFiles open(Path policy, Path register, AuditSink audit, ActorId actor) {
        var files = new RuleFiles(
                requireNonNull(policy, "policy"),
                requireNonNull(register, "register"),
                requireNonNull(audit, "audit"),
                requireNonNull(actor, "actor"));
        files.note("guard.rules.loaded", files.rules.label(), "");
        return files;
    }

    /// Looks at the files each `period` from now on, on a thread of its own.
    public RuleFiles watch(Duration period) {
        long nanos = period.toNanos();
        // Nothing may end the watch: what a look throws is logged by it.
        var _ = watcher.scheduleWithFixedDelay(this::look, nanos, nanos, TimeUnit.NANOSECONDS);
        return this;
    }

    private void look() {
        try {
            poll();
        } catch (RuntimeException failure) { // the root of the thread: the next look comes anyway
            String code = failure instanceof SottoException known
                    ? known.code().name()
                    : failure.getClass().getSimpleName();
            LOG.atWarn()
                    .addKeyValue("event", "guard.rules.poll.failed")
                    .addKeyValue("code", code)
                    .log("the rules could not be renewed; the old ones stay");
        }
    }

    /// The rules that count.
    @Override
    public GuardRules get() {
        return rules;
    }

    /// Looks at the files once.
    ///
    /// @throws UnavailableException if the audit log does not answer; the old rules stay, the next look tries again
    public synchronized Reload poll() {
        Text now;
        try {
            now = read(policyFile, registerFile);
        } catch (RejectedException unreadable) {
            return new Reload.Refused(String.valueOf(unreadable.getMessage()));
        }
        if (now.equals(seen)) {
            return new Reload.Unchanged();
        }
        GuardRules fresh;
        try {
            fresh = GuardRules.parse(now.policy(), now.register());
        } catch (RejectedException invalid) {
            note("guard.rules.refused", rules.label(), invalid.code().name());
            seen = now;
            LOG.atError()
                    .addKeyValue("event", "guard.rules.refused")
                    .addKeyValue("code", invalid.code().name())
                    .log("the changed rules do not hold together; the old ones stay");
            return new Reload.Refused(String.valueOf(invalid.getMessage()));
        }
        note("guard.rules.loaded", fresh.label(), "");
        seen = now;
        rules = fresh;
        return new Reload.Loaded(fresh.label());
    }

    private void note(String type, String label, String code) {
        audit.append(AuditEvent.of(type, actor)
                .detail("policy", label)
                .detail("code", code)
                .build());
    }

    private static Text read(Path policy, Path register) {
        return new Text(read("policy", policy), read("register", register));
    }

    private static String read(String name, Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(YamlNode.MAX_CHARACTERS + 1);
            if (bytes.length > YamlNode.MAX_CHARACTERS) {
                throw unreadable(name, "must have at most %d bytes".formatted(YamlNode.MAX_CHARACTERS), null);
            }
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException malformed) {
            throw unreadable(name, "must be UTF-8", malformed);
        } catch (IOException failure) {
            throw unreadable(name, "cannot be read", failure);
        }
    }

    private static RejectedException unreadable(String name, String rule, @Nullable Throwable cause) {
        return new RejectedException(GuardError.RULES_UNREADABLE, "the %s file %s".formatted(name, rule), cause);
    }

    /// Stops looking at the files.
    @Override
    public void close() {
        watcher.shutdownNow();
        try {
            watcher.awaitTermination(CLOSE_TIME.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
