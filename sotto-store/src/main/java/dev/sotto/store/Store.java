package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditSink;
import dev.sotto.core.IdSource;
import dev.sotto.core.Meter;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.KeyService;
import java.io.IOException;
import java.time.Clock;
import javax.sql.DataSource;

/// Everything that is kept of calls: rows in PostgreSQL and sealed objects on disk. Thread-safe.
public final class Store implements AutoCloseable {
    private final Tenants tenants;
    private final Calls calls;
    private final Turns turns;
    private final Recordings recordings;
    private final Messages messages;
    private final Subjects subjects;
    private final Appointments appointments;
    private final IdentityAttempts attempts;
    private final Staff staff;
    private final WrapUps wrapUps;
    private final Insights insights;
    private final Notices notices;
    private final Outbox outbox;
    private final IdempotencyKeys idempotency;
    private final ExposedRows exposedRows;
    private final IndexRows indexRows;

    private Store(Rows rows, Notices notices, AudioObjects objects, KeyService keys, Meter meter) {
        exposedRows = new ExposedRows(rows, keys, meter);
        this.notices = notices;
        outbox = new Outbox(rows);
        idempotency = new IdempotencyKeys(rows, IdempotencyKeys.MOST, IdempotencyKeys.MOST_OF_ONE);
        tenants = new Tenants(rows, keys);
        calls = new Calls(rows, notices);
        turns = new Turns(rows);
        recordings = new Recordings(objects, new Recovery(objects, keys, calls));
        messages = new Messages(objects);
        subjects = new Subjects(rows);
        indexRows = new IndexRows(rows, subjects, keys.indexKeys(), meter);
        appointments = new Appointments(rows);
        attempts = new IdentityAttempts(rows, subjects, notices);
        staff = new Staff(rows);
        wrapUps = new WrapUps(rows);
        insights = new Insights(rows);
    }

    /// Brings the schema `sotto` up to date. Run before keys are used: they live there.
    ///
    /// @param owner connections as [Role#OWNER]
    /// @throws dev.sotto.core.UnavailableException if the database does not answer
    /// @throws dev.sotto.core.IntegrityException if the schema was changed by hand or by a newer Sotto
    public static void migrate(DataSource owner) {
        Migrations.run(owner);
    }

    /// Opens the store over a migrated database. Makes the operator's keys at the first start.
    ///
    /// @param app connections as [Role#APP]
    public static Store open(
            StoreConfig config,
            DataSource app,
            KeyService keys,
            AuditSink audit,
            Clock clock,
            IdSource ids,
            Meter meter) {
        try {
            Directories.createPrivate(config.objects());
        } catch (IOException e) {
            throw new UnavailableException(
                    StoreError.OBJECTS_UNAVAILABLE,
                    "the folder of objects (%s) cannot be used".formatted(config.objects()),
                    e);
        }
        keys.createTenant(TenantId.OPERATOR);
        var node = new ActorId(ActorId.Kind.NODE, config.nodeId());
        var rows = new Rows(
                new Transactions(app, meter),
                new Seals(keys.recordSealer(), keys::forgetUnwrapped),
                keys.blindIndex(),
                new Ledger(audit, keys.subjectHasher(), node),
                clock,
                ids);
        var notices = new Notices(rows, meter);
        var objects = new AudioObjects(
                rows, notices, new ObjectFiles(config.objects()), keys.streams(), config.nodeId(), meter);
        return new Store(rows, notices, objects, keys, meter);
    }

    public Tenants tenants() {
        return tenants;
    }

    public Calls calls() {
        return calls;
    }

    public Turns turns() {
        return turns;
    }

    public Recordings recordings() {
        return recordings;
    }

    public Messages messages() {
        return messages;
    }

    public Subjects subjects() {
        return subjects;
    }

    public Appointments appointments() {
        return appointments;
    }

    public IdentityAttempts attempts() {
        return attempts;
    }

    public Staff staff() {
        return staff;
    }

    public WrapUps wrapUps() {
        return wrapUps;
    }

    public Insights insights() {
        return insights;
    }

    public Notices notices() {
        return notices;
    }

    public Outbox outbox() {
        return outbox;
    }

    public IdempotencyKeys idempotency() {
        return idempotency;
    }

    public ExposedRows exposedRows() {
        return exposedRows;
    }

    public IndexRows indexRows() {
        return indexRows;
    }

    /// Holds nothing of its own: connections, keys and audit log are their owners' to close.
    @Override
    public void close() {}
}
