package dev.sotto.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.TenantId;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/// Which writes were asked for under which key, so that each is done once, on whatever node. Keeps hashes only, for a
/// day, and a bounded number of them for each tenant and each user; when there is no room, a key is refused rather than
/// another forgotten. Thread-safe; blocks on the database.
public final class IdempotencyKeys {
    static final int MOST = 20_000;
    static final int MOST_OF_ONE = 5_000;
    static final Duration LIFE = Duration.ofHours(24);
    private static final int FORGOTTEN_AT_ONCE = 50;

    private final Rows rows;
    private final int most;
    private final int mostOfOne;

    IdempotencyKeys(Rows rows, int most, int mostOfOne) {
        this.rows = rows;
        this.most = most;
        this.mostOfOne = mostOfOne;
    }

    /// What became of asking to do a request under a key.
    public enum Claim {
        /// Do it.
        FRESH,
        /// It was done, or is being done, or a node died while it did it.
        USED,
        /// The key belongs to another request.
        OTHER_REQUEST,
        /// There is no room for another key.
        FULL
    }

    /// Takes `key` for `request`.
    ///
    /// @throws dev.sotto.core.UnavailableException if the database does not answer: then nothing may be done
    public Claim claim(TenantId tenant, String user, String key, String request) {
        byte[] at = at(user, key);
        byte[] asked = hash(request);
        return rows.transactions().in(tenant, sql -> {
            forgetOld(sql, tenant);
            Optional<Claim> known = known(sql, tenant, at, asked);
            if (known.isPresent()) {
                return known.get();
            }
            if (isFull(sql, tenant, hash(user))) {
                return Claim.FULL;
            }
            int added = sql.update(
                    "INSERT INTO sotto.idempotency_key (tenant_id, key_hash, user_hash, request_hash, expires_at)"
                            + " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    tenant.value(),
                    at,
                    hash(user),
                    asked,
                    rows.now().plus(LIFE));
            return added > 0 ? Claim.FRESH : known(sql, tenant, at, asked).orElse(Claim.USED);
        });
    }

    /// Gives a key back whose request came to nothing.
    public void release(TenantId tenant, String user, String key) {
        rows.transactions()
                .run(
                        tenant,
                        sql -> sql.update(
                                "DELETE FROM sotto.idempotency_key WHERE tenant_id = ? AND key_hash = ?",
                                tenant.value(),
                                at(user, key)));
    }

    private Optional<Claim> known(Sql sql, TenantId tenant, byte[] at, byte[] asked) throws SQLException {
        return sql.first(
                row -> Arrays.equals(row.bytes("request_hash"), asked) ? Claim.USED : Claim.OTHER_REQUEST,
                "SELECT request_hash FROM sotto.idempotency_key WHERE tenant_id = ? AND key_hash = ?"
                        + " AND expires_at > ?",
                tenant.value(),
                at,
                rows.now());
    }

    private boolean isFull(Sql sql, TenantId tenant, byte[] user) throws SQLException {
        return count(
                                sql,
                                "SELECT count(*) AS held FROM (SELECT 1 FROM sotto.idempotency_key"
                                        + " WHERE tenant_id = ? AND user_hash = ? LIMIT ?) AS found",
                                tenant.value(),
                                user,
                                mostOfOne)
                        >= mostOfOne
                || count(
                                sql,
                                "SELECT count(*) AS held FROM (SELECT 1 FROM sotto.idempotency_key"
                                        + " WHERE tenant_id = ? LIMIT ?) AS found",
                                tenant.value(),
                                most)
                        >= most;
    }

    private static long count(Sql sql, String text, Object... parameters) throws SQLException {
        return sql.first(row -> row.number("held"), text, parameters).orElse(0L);
    }

    /// Those that are over, some at a time; each claim adds one, so this keeps up.
    private void forgetOld(Sql sql, TenantId tenant) throws SQLException {
        sql.update(
                "DELETE FROM sotto.idempotency_key WHERE tenant_id = ? AND key_hash IN (SELECT key_hash"
                        + " FROM sotto.idempotency_key WHERE tenant_id = ? AND expires_at <= ?"
                        + " ORDER BY expires_at LIMIT ?)",
                tenant.value(),
                tenant.value(),
                rows.now(),
                FORGOTTEN_AT_ONCE);
    }

    /// Of the user's hash, which has a fixed length, and the key: no way to mix the two.
    private static byte[] at(String user, String key) {
        var digest = Seals.sha256();
        digest.update(hash(user));
        return digest.digest(key.getBytes(UTF_8));
    }

    private static byte[] hash(String text) {
        return Seals.sha256().digest(text.getBytes(UTF_8));
    }
}
