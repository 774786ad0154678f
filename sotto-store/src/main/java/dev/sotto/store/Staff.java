package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.ActorId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.core.UserId;
import dev.sotto.keys.IndexValue;
import dev.sotto.keys.RecordContext;
import java.sql.SQLException;
import java.text.Normalizer;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Who may sign in, their sessions, and the one-time links that make the first of them. Tokens are kept as SHA-256
/// hashes only. Thread-safe; blocks on the database, the keys and the audit log.
public final class Staff {
    private static final long VERSION = 1;
    static final String EMAIL_INDEX = "staff-email";
    private static final int MAX_EMAIL = 254;
    private static final int MAX_USERS = 1000;
    private static final String COLUMNS =
            "tenant_id, id, email_sealed, password_hash_sealed, role, version, created_at";

    private final Rows rows;
    private final Sessions sessions;

    Staff(Rows rows) {
        this.rows = rows;
        this.sessions = new Sessions(rows);
    }

    /// Whether the tenant has nobody who could sign in yet.
    public boolean setupRequired(TenantId tenant) {
        return rows.transactions().in(tenant, sql -> nobody(sql, tenant));
    }

    private static boolean nobody(Sql sql, TenantId tenant) throws SQLException {
        return sql.first(
                        row -> row.id("id"),
                        "SELECT id FROM sotto.staff_user WHERE tenant_id = ? LIMIT 1",
                        tenant.value())
                .isEmpty();
    }

    /// Lets whoever holds the token make the tenant's first user, once, until `expires`. An earlier token of the
    /// tenant ends. Audited `staff.setup_offered`.
    ///
    /// @param tokenHash SHA-256 of the token, 32 bytes
    public void offerSetup(TenantId tenant, byte[] tokenHash, Instant expires, ActorId actor) {
        Fields.hash("tokenHash", tokenHash);
        rows.transactions().run(tenant, sql -> {
            sql.update(
                    "INSERT INTO sotto.setup_token (tenant_id, token_hash, expires_at) VALUES (?, ?, ?)"
                            + " ON CONFLICT (tenant_id) DO UPDATE SET token_hash = excluded.token_hash,"
                            + " expires_at = excluded.expires_at",
                    tenant.value(),
                    tokenHash,
                    expires);
            rows.ledger()
                    .append(Acting.as(actor)
                            .event("staff.setup_offered", "tenant", tenant)
                            .tenant(tenant)
                            .detail("expires", expires));
        });
    }

    /// The tenant whose setup the token opens. Does not use it up.
    public Optional<TenantId> setupTenant(byte[] tokenHash, Instant now) {
        Fields.hash("tokenHash", tokenHash);
        return tenantOf(tokenHash)
                .filter(tenant -> rows.transactions()
                        .in(
                                tenant,
                                sql -> nobody(sql, tenant)
                                        && sql.first(
                                                        row -> row.instant("expires_at"),
                                                        "SELECT expires_at FROM sotto.setup_token WHERE tenant_id = ?"
                                                                + " AND token_hash = ? AND expires_at > ?",
                                                        tenant.value(),
                                                        tokenHash,
                                                        now)
                                                .isPresent()));
    }

    private Optional<TenantId> tenantOf(byte[] tokenHash) {
        return rows.transactions()
                .lookup(sql -> sql.first(
                        row -> new TenantId(row.id("tenant_id")),
                        "SELECT tenant_id FROM sotto.tenant_of_setup(?)",
                        tokenHash));
    }

    /// Uses the token up and makes the tenant's first user, an [StaffRole#ADMIN]. Empty if the token is wrong, used
    /// or expired, or the tenant has a user. Audited `staff.created`.
    public Optional<StaffUser> completeSetup(
            byte[] tokenHash, SensitiveText email, SensitiveText passwordHash, Instant now) {
        Fields.hash("tokenHash", tokenHash);
        var tenant = tenantOf(tokenHash);
        if (tenant.isEmpty()) {
            return Optional.empty();
        }
        var user = newUser(tenant.get(), email, passwordHash, StaffRole.ADMIN);
        boolean made = rows.keep(tenant.get(), () -> {
            var sealed = seal(user);
            var index = emailIndex(user.email());
            return sql -> {
                int used = sql.update(
                        "DELETE FROM sotto.setup_token WHERE tenant_id = ? AND token_hash = ? AND expires_at > ?",
                        tenant.get().value(),
                        tokenHash,
                        now);
                if (used == 0 || !nobody(sql, tenant.get())) {
                    return false;
                }
                insert(
                        sql,
                        user,
                        sealed,
                        index,
                        new ActorId(ActorId.Kind.USER, user.id().toString()));
                return true;
            };
        });
        return made ? Optional.of(user) : Optional.empty();
    }

    /// Makes a user. Audited `staff.created` with the digests of the sealed fields.
    ///
    /// @throws dev.sotto.core.ConflictException if somebody on this installation has the address
    public StaffUser create(
            TenantId tenant, SensitiveText email, SensitiveText passwordHash, StaffRole role, ActorId actor) {
        var user = newUser(tenant, email, passwordHash, role);
        rows.keep(tenant, () -> {
            var sealed = seal(user);
            var index = emailIndex(user.email());
            return sql -> insert(sql, user, sealed, index, actor);
        });
        return user;
    }

    private StaffUser newUser(TenantId tenant, SensitiveText email, SensitiveText passwordHash, StaffRole role) {
        Fields.text("email", email.reveal(), MAX_EMAIL);
        return new StaffUser(tenant, rows.ids().userId(), email, passwordHash, role, rows.now());
    }

    private Map<String, Sealed> seal(StaffUser user) {
        var values = new LinkedHashMap<String, SensitiveText>();
        values.put("email", user.email());
        values.put("password-hash", user.passwordHash());
        return rows.seals().seal(place(user.tenant(), user.id(), VERSION), values);
    }

    private int insert(Sql sql, StaffUser user, Map<String, Sealed> sealed, List<IndexValue> emailIndex, ActorId actor)
            throws SQLException {
        requireFree(sql, emailIndex);
        int added = sql.update(
                "INSERT INTO sotto.staff_user (tenant_id, id, email_sealed, email_index, email_key,"
                        + " password_hash_sealed, role, version, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                user.tenant().value(),
                user.id().value(),
                sealed.get("email"),
                emailIndex.getFirst().bytes(),
                emailIndex.getFirst().key(),
                sealed.get("password-hash"),
                user.role(),
                VERSION,
                user.createdAt());
        rows.ledger()
                .append(Ledger.digests(
                        Acting.as(actor)
                                .event("staff.created", "user", user.id())
                                .tenant(user.tenant())
                                .detail("role", user.role()),
                        sealed));
        return added;
    }

    /// Who has the address, in any letter case, on this installation. Audited `staff.searched`.
    public Optional<StaffUser> byEmail(SensitiveText email, ActorId actor) {
        rows.ledger().append(Acting.as(actor).event("staff.searched", "by", "email"));
        return rows.search(() -> {
                    var index = emailIndex(email);
                    return sql -> ofEmail(sql, index);
                })
                .flatMap(key -> read(key.tenant(), key.user()));
    }

    private static Optional<UserKey> ofEmail(Sql sql, List<IndexValue> index) throws SQLException {
        return sql.first(
                row -> new UserKey(new TenantId(row.id("tenant_id")), new UserId(row.id("user_id"))),
                "SELECT tenant_id, user_id FROM sotto.staff_of_email(?, ?)",
                Subjects.bytes(index),
                Subjects.keys(index));
    }

    /// One address, one user, whatever key its index is under: who makes a user does so alone.
    private static void requireFree(Sql sql, List<IndexValue> index) throws SQLException {
        sql.run(
                "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))",
                "index/%s/%s".formatted(TenantId.OPERATOR.value(), EMAIL_INDEX));
        if (ofEmail(sql, index).isPresent()) {
            throw new ConflictException(StoreError.ALREADY_EXISTS, "somebody has that address already");
        }
    }

    private record UserKey(TenantId tenant, UserId user) {}

    /// A user, opened. Audited `staff.opened`.
    public Optional<StaffUser> find(TenantId tenant, UserId user, ActorId actor) {
        rows.ledger()
                .append(Acting.as(actor).event("staff.opened", "user", user).tenant(tenant));
        return read(tenant, user);
    }

    private Optional<StaffUser> read(TenantId tenant, UserId user) {
        return rows.transactions()
                .in(
                        tenant,
                        sql -> sql.first(
                                SealedUser::of,
                                "SELECT " + COLUMNS + " FROM sotto.staff_user WHERE tenant_id = ? AND id = ?",
                                tenant.value(),
                                user.value()))
                .map(this::open);
    }

    /// Every user of a tenant, oldest first, 1,000 at most. Audited `staff.listed`.
    public List<StaffUser> list(TenantId tenant, ActorId actor) {
        rows.ledger()
                .append(Acting.as(actor).event("staff.listed", "tenant", tenant).tenant(tenant));
        return rows
                .transactions()
                .in(
                        tenant,
                        sql -> sql.list(
                                SealedUser::of,
                                "SELECT " + COLUMNS + " FROM sotto.staff_user WHERE tenant_id = ? ORDER BY id LIMIT ?",
                                tenant.value(),
                                MAX_USERS))
                .stream()
                .map(this::open)
                .toList();
    }

    /// Begins a session; the user's earlier one ends. Audited `staff.session_started`.
    ///
    /// @param tokenHash SHA-256 of the session token, 32 bytes
    /// @param idle how long it lives unused, in whole seconds
    /// @param longest how long it lives at most
    /// @throws dev.sotto.core.NotFoundException if the tenant has no such user
    public StaffSession startSession(
            TenantId tenant, UserId user, byte[] tokenHash, Duration idle, Duration longest, Instant now) {
        return sessions.start(tenant, user, tokenHash, idle, longest, now);
    }

    /// The live session of a token, whose idle time starts again. Empty if there is none or it ended.
    public Optional<StaffSession> session(byte[] tokenHash, Instant now) {
        return sessions.find(tokenHash, now);
    }

    /// Ends a session if it lives. Audited `staff.session_ended`.
    public void endSession(byte[] tokenHash) {
        sessions.end(tokenHash);
    }

    private record SealedUser(
            TenantId tenant, UserId id, Map<String, Sealed> fields, StaffRole role, long version, Instant createdAt) {
        static SealedUser of(Sql.Row row) throws SQLException {
            return new SealedUser(
                    new TenantId(row.id("tenant_id")),
                    new UserId(row.id("id")),
                    Map.of("email", row.sealed("email_sealed"), "password-hash", row.sealed("password_hash_sealed")),
                    Codes.of(StaffRole.class, row.text("role")),
                    row.number("version"),
                    row.instant("created_at"));
        }
    }

    private StaffUser open(SealedUser user) {
        var opened = rows.seals().open(place(user.tenant(), user.id(), user.version()), user.fields());
        return new StaffUser(
                user.tenant(),
                user.id(),
                requireNonNull(opened.get("email")),
                requireNonNull(opened.get("password-hash")),
                user.role(),
                user.createdAt());
    }

    /// One index for the whole installation: who signs in has not said whose staff they are. Newest first.
    private List<IndexValue> emailIndex(SensitiveText email) {
        return rows.blindIndex().all(TenantId.OPERATOR, EMAIL_INDEX, normal(email));
    }

    static String normal(SensitiveText email) {
        return Normalizer.normalize(email.reveal(), Normalizer.Form.NFKC)
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    static RecordContext place(TenantId tenant, UserId user, long version) {
        return new RecordContext(
                tenant, DataClass.CREDENTIAL, new KeyOwner.OfTenant(tenant), "staff-user", user.toString(), version);
    }
}
