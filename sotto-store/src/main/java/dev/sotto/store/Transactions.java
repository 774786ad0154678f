package dev.sotto.store;

import dev.sotto.core.BugException;
import dev.sotto.core.ConflictException;
import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// The one door to rows: a transaction that names its tenant to the database before anything else, so that row-level
/// security shows it that tenant's rows and no others. Thread-safe; blocks.
final class Transactions {
    private static final int TRIES = 4;
    private static final Set<String> COLLISIONS = Set.of("40001", "40P01", "55P03");
    private static final Set<String> TAKEN = Set.of("23505", "23P01");
    private static final String KEY_REPLACED = "SK001"; // raised by sotto.require_fresh_key()
    private static final String INDEX_REPLACED = "SK002"; // raised by sotto.require_index_key() and searches
    private static final Set<String> NOT_NOW = Set.of("57014", "57P01", "57P02", "57P03", "57P05", "53300", "25P03");

    private final DataSource pool;
    private final Meter meter;

    Transactions(DataSource pool, Meter meter) {
        this.pool = pool;
        this.meter = meter;
    }

    /// What a transaction does. Run again from the start if the database says so: its audit entries may come twice, its
    /// rows never.
    interface Work<T extends @Nullable Object> {
        T in(Sql sql) throws SQLException;
    }

    interface Act {
        void in(Sql sql) throws SQLException;
    }

    /// Runs `work` for one tenant and commits.
    ///
    /// @throws UnavailableException if the database did not answer; whether the work holds is then unknown
    /// @throws ConflictException if something was taken
    <T extends @Nullable Object> T in(TenantId tenant, Work<T> work) {
        return attempt(tenant, work);
    }

    void run(TenantId tenant, Act act) {
        this.<@Nullable Void>attempt(tenant, sql -> {
            act.in(sql);
            return null;
        });
    }

    /// Runs `work` without a tenant: it sees no row and may only call the functions that find one.
    <T extends @Nullable Object> T lookup(Work<T> work) {
        return attempt(null, work);
    }

    private <T extends @Nullable Object> T attempt(@Nullable TenantId tenant, Work<T> work) {
        long start = System.nanoTime();
        try {
            for (int attempt = 1; ; attempt++) {
                var step = new Step();
                try {
                    return once(tenant, work, step);
                } catch (SQLException e) {
                    if (attempt == TRIES || !mayTryAgain(e, step)) {
                        throw failure(e);
                    }
                    meter.count("store.transaction.retried");
                }
            }
        } finally {
            meter.time("store.transaction", Duration.ofNanos(System.nanoTime() - start));
        }
    }

    /// How far a transaction came before it failed.
    private static final class Step {
        boolean begun;
    }

    private <T extends @Nullable Object> T once(@Nullable TenantId tenant, Work<T> work, Step step)
            throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            boolean done = false;
            try {
                var sql = new Sql(connection);
                String name = tenant == null ? "" : tenant.value().toString();
                sql.run("SELECT set_config('app.tenant', ?, true)", name);
                step.begun = true;
                T result = work.in(sql);
                connection.commit();
                done = true;
                return result;
            } finally {
                if (!done) {
                    rollback(connection);
                }
            }
        }
    }

    private static void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException broken) {
            // the database rolls back what it does not hear of again
        }
    }

    /// A broken connection from the pool shows at the first statement, before any work was done.
    private static boolean mayTryAgain(SQLException e, Step step) {
        return COLLISIONS.contains(state(e)) || (!step.begun && !(e instanceof SQLTransientConnectionException));
    }

    private static String state(SQLException e) {
        String state = e.getSQLState();
        return state == null ? "08000" : state;
    }

    private SottoException failure(SQLException e) {
        String state = state(e);
        meter.count("store.transaction.failed");
        if (COLLISIONS.contains(state)) {
            return new ConflictException(
                    StoreError.DATABASE_CONTENTION, "the row is being changed by others (%s)".formatted(state), e);
        }
        if (state.equals(KEY_REPLACED)) {
            return new ConflictException(
                    StoreError.RECORD_KEY_REPLACED, "the key of what was sealed was replaced meanwhile", e);
        }
        if (state.equals(INDEX_REPLACED)) {
            return new ConflictException(
                    StoreError.INDEX_KEY_REPLACED, "the key of a blind index was replaced meanwhile", e);
        }
        if (TAKEN.contains(state)) {
            return new ConflictException(StoreError.ALREADY_EXISTS, "it is taken already", e);
        }
        if (state.startsWith("08")
                || state.startsWith("53")
                || state.startsWith("58")
                || NOT_NOW.contains(state)
                || e instanceof SQLTransientConnectionException) {
            return new UnavailableException(
                    StoreError.DATABASE_UNAVAILABLE, "the database does not answer (%s)".formatted(state), e);
        }
        return new BugException(
                StoreError.DATABASE_STATEMENT, "the database refused a statement (%s)".formatted(state), e);
    }
}
