package dev.sotto.server.node;

import dev.sotto.audit.AuditConfig;
import dev.sotto.audit.AuditLog;
import dev.sotto.audit.AuditSchema;
import dev.sotto.audit.BootAuditSink;
import dev.sotto.audit.CheckpointKeys;
import dev.sotto.audit.TrustedKeys;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.Meter;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyService;
import dev.sotto.store.PostgresNode;
import dev.sotto.store.Role;
import dev.sotto.store.Store;
import java.nio.file.Path;

/// The database, the keys in it, and the audit log: what has to stand before anything protected is touched. Key
/// events of the start wait in memory and become the log's next entries. Thread-safe.
public final class Vault implements AutoCloseable {
    private final Closing closing;
    private final PostgresNode database;
    private final KeyService keys;
    private final AuditLog audit;
    private final TrustedKeys trustedKeys;

    private Vault(Foundation foundation, Meter meter, Preparation preparation, Closing closing) {
        this.closing = closing;
        database = closing.add(foundation.startDatabase());
        AuditSchema.migrate(database.dataSource(Role.OWNER), Role.AUDIT.roleName(), Role.READER.roleName());
        Store.migrate(database.dataSource(Role.OWNER));
        var boot = new BootAuditSink(foundation.clock(), foundation.random());
        foundation
                .rotatedRoots()
                .forEach((root, why) -> boot.append(AuditEvent.of("key.rotated", foundation.actor())
                        .resource("key", root)
                        .detail("level", "root")
                        .detail("why", why)
                        .build()));
        keys = closing.add(foundation.keys(database, boot, meter));
        preparation.prepare(database, keys);
        keys.createTenant(TenantId.OPERATOR);
        CheckpointKeys signing = AuditKeys.open(foundation.data(), foundation.state(), keys);
        trustedKeys = TrustedKeys.read(foundation.state().trustedAuditKeys());
        audit = closing.add(AuditLog.open(
                auditConfig(foundation),
                database.dataSource(Role.AUDIT),
                signing.signer(),
                foundation.clock(),
                foundation.random(),
                meter));
        boot.connect(audit);
    }

    /// @throws dev.sotto.core.IntegrityException if the log is behind a head saved outside the data directory
    static Vault open(Foundation foundation, Meter meter) {
        return open(foundation, meter, (_, _) -> {});
    }

    /// What is done to keys before any is used; its entries are the first of this start.
    interface Preparation {
        void prepare(PostgresNode database, KeyService keys);
    }

    static Vault open(Foundation foundation, Meter meter, Preparation preparation) {
        var closing = new Closing();
        try {
            return new Vault(foundation, meter, preparation, closing);
        } catch (RuntimeException failure) {
            closing.close();
            throw failure;
        }
    }

    private static AuditConfig auditConfig(Foundation foundation) {
        var defaults = AuditConfig.of(
                AuditKeys.origin(foundation.data()), foundation.data().nodeId(), checkpoints(foundation));
        return new AuditConfig(
                defaults.origin(),
                defaults.logId(),
                defaults.checkpointDirectory(),
                foundation.config().audit().checkpointInterval(),
                defaults.checkpointHistory(),
                defaults.queueCapacity(),
                defaults.batchSize(),
                defaults.appendTimeout());
    }

    static Path checkpoints(Foundation foundation) {
        return PrivateFiles.directory(foundation
                .config()
                .audit()
                .checkpointDirectory()
                .orElseGet(() -> foundation.state().checkpoints()));
    }

    PostgresNode database() {
        return database;
    }

    public KeyService keys() {
        return keys;
    }

    public AuditLog audit() {
        return audit;
    }

    TrustedKeys trustedKeys() {
        return trustedKeys;
    }

    @Override
    public void close() {
        closing.close();
    }
}
