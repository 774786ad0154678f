package dev.sotto.store;

import javax.sql.DataSource;

/// Everything that is kept of calls: rows in PostgreSQL and sealed objects on disk. Thread-safe.
public final class Store implements AutoCloseable {
    private Store() {}

    /// Brings the schema `sotto` up to date. Run before keys are used: they live there.
    ///
    /// @param owner connections as [Role#OWNER]
    /// @throws dev.sotto.core.UnavailableException if the database does not answer
    /// @throws dev.sotto.core.IntegrityException if the schema was changed by hand or by a newer Sotto
    public static void migrate(DataSource owner) {
        Unfinished.value(owner);
    }

    public Tenants tenants() {
        return Unfinished.value();
    }

    public Calls calls() {
        return Unfinished.value();
    }

    public Turns turns() {
        return Unfinished.value();
    }

    public Recordings recordings() {
        return Unfinished.value();
    }

    public Messages messages() {
        return Unfinished.value();
    }

    public Subjects subjects() {
        return Unfinished.value();
    }

    public Appointments appointments() {
        return Unfinished.value();
    }

    public IdentityAttempts attempts() {
        return Unfinished.value();
    }

    public Staff staff() {
        return Unfinished.value();
    }

    @Override
    public void close() {}
}
