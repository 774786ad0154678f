package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import dev.sotto.core.UserId;
import dev.sotto.keys.IndexKeys;
import dev.sotto.keys.IndexValue;
import dev.sotto.keys.RecordContext;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Computes blind indexes anew that are not under the key in use, from the sealed fields, and retires the versions that
/// no row is under any more. The rows are the progress: a step may stop anywhere, and several nodes may step at once.
/// Thread-safe; blocks on the database, the keys and the audit log.
public final class IndexRows {
    /// The most rows of one step.
    public static final int MAX_STEP = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(IndexRows.class);
    private static final int PAGE = 50;
    private static final UUID FIRST = new UUID(0, 0);
    private static final String SUBJECT = "subject";
    private static final String STAFF = "staff_user";

    private final Rows rows;
    private final Subjects subjects;
    private final IndexKeys keys;
    private final Meter meter;
    private final Map<Place, UUID> visited = new ConcurrentHashMap<>(); // two entries a tenant at most

    IndexRows(Rows rows, Subjects subjects, IndexKeys keys, Meter meter) {
        this.rows = rows;
        this.subjects = subjects;
        this.keys = keys;
        this.meter = meter;
    }

    private record Place(TenantId tenant, String table) {}

    /// What a step did.
    ///
    /// @param recomputed rows whose indexes are under the keys in use now
    /// @param refused rows that did not open, or that others changed meanwhile: they stay as they are
    /// @param retired index keys that ended, since nothing is under them any more
    public record Step(int recomputed, int refused, int retired) {
        private Step plus(Step other) {
            return new Step(recomputed + other.recomputed, refused + other.refused, retired + other.retired);
        }
    }

    /// A row as it was read, and the keys its indexes are under; zeros where it does not say.
    private record Read(UUID id, RecordContext context, Map<String, Sealed> fields, List<UUID> under) {}

    /// The indexes of a row, computed anew.
    private record Fresh(Read row, List<IndexValue> indexes) {}

    /// One bounded step for one tenant, of persons and of staff. A page of rows is a transaction, audited
    /// `index.recomputed` with their number; a version that ends is audited `key.index.retired`.
    ///
    /// @param tenant [TenantId#OPERATOR] retires the key of the addresses of staff, which all tenants share
    /// @param limit at most so many rows, 1 to [#MAX_STEP]
    /// @throws dev.sotto.core.UnavailableException if keys, database or log do not answer; what was done stands
    public Step step(TenantId tenant, int limit) {
        if (limit < 1 || limit > MAX_STEP) {
            throw new IllegalArgumentException("limit (%d) must be 1 to %d".formatted(limit, MAX_STEP));
        }
        if (tenant.equals(TenantId.OPERATOR)) {
            return new Step(0, 0, keys.purposes(tenant).contains(Staff.EMAIL_INDEX) ? retireStaff() : 0);
        }
        var total = new Step(0, 0, 0);
        var purposes = keys.purposes(tenant);
        if (purposes.contains(Subjects.BIRTH_PHONE) && purposes.contains(Subjects.NAME_BIRTH)) {
            var phone = newest(tenant, Subjects.BIRTH_PHONE);
            var name = newest(tenant, Subjects.NAME_BIRTH);
            if (rows.transactions()
                    .in(
                            tenant,
                            sql -> IndexColumn.BIRTH_PHONE.behind(sql, tenant, phone)
                                    || IndexColumn.NAME_BIRTH.behind(sql, tenant, name))) {
                total = total.plus(recompute(new Place(tenant, SUBJECT), limit));
            }
            total = total.plus(new Step(
                    0,
                    0,
                    retire(tenant, Subjects.BIRTH_PHONE, IndexColumn.BIRTH_PHONE)
                            + retire(tenant, Subjects.NAME_BIRTH, IndexColumn.NAME_BIRTH)));
        }
        if (purposes.contains(IdentityAttempts.PURPOSE)) {
            total = total.plus(new Step(0, 0, retireCounters(tenant)));
        }
        if (keys.purposes(TenantId.OPERATOR).contains(Staff.EMAIL_INDEX)
                && staffBehind(newest(TenantId.OPERATOR, Staff.EMAIL_INDEX)).contains(tenant)
                && total.recomputed() < limit) {
            total = total.plus(recompute(new Place(tenant, STAFF), limit - total.recomputed()));
        }
        return total;
    }

    private UUID newest(TenantId tenant, String purpose) {
        return keys.live(tenant, purpose).getFirst().id();
    }

    private List<TenantId> staffBehind(UUID key) {
        return rows.transactions()
                .lookup(sql -> sql.list(
                        row -> new TenantId(row.id("tenant_id")),
                        "SELECT tenant_id FROM sotto.tenants_with_staff_behind(?)",
                        key));
    }

    private Step recompute(Place place, int limit) {
        var total = new Step(0, 0, 0);
        while (total.recomputed() + total.refused() < limit) {
            UUID after = visited.getOrDefault(place, FIRST);
            int page = Math.min(PAGE, limit - total.recomputed() - total.refused());
            var read = behind(place, after, page);
            if (!read.isEmpty()) {
                total = total.plus(replace(place, read));
            }
            if (read.size() < page) {
                visited.remove(place); // from the first one next time: what did not open may by then
                return total;
            }
            visited.put(place, read.getLast().id());
        }
        return total;
    }

    /// Rows that are not under the newest keys, in the order of their ids.
    private List<Read> behind(Place place, UUID after, int limit) {
        var tenant = place.tenant();
        if (place.table().equals(STAFF)) {
            UUID email = newest(TenantId.OPERATOR, Staff.EMAIL_INDEX);
            return rows.transactions().in(tenant, sql -> staff(sql, tenant, email, after, limit));
        }
        UUID phone = newest(tenant, Subjects.BIRTH_PHONE);
        UUID name = newest(tenant, Subjects.NAME_BIRTH);
        return rows.transactions().in(tenant, sql -> subjects(sql, tenant, phone, name, after, limit));
    }

    private static List<Read> subjects(Sql sql, TenantId tenant, UUID phone, UUID name, UUID after, int limit)
            throws SQLException {
        return sql.list(
                row -> {
                    UUID id = row.id("id");
                    return new Read(
                            id,
                            Subjects.place(tenant, new SubjectId(id), row.number("version")),
                            Map.of(
                                    "name",
                                    row.sealed("name_sealed"),
                                    "birth-date",
                                    row.sealed("birth_date_sealed"),
                                    "phone",
                                    row.sealed("phone_sealed")),
                            under(row, "birth_phone_key", "name_birth_key"));
                },
                "SELECT id, name_sealed, birth_date_sealed, phone_sealed, version, birth_phone_key, name_birth_key"
                        + " FROM sotto.subject WHERE tenant_id = ? AND id > ? AND (birth_phone_key IS DISTINCT FROM ?"
                        + " OR name_birth_key IS DISTINCT FROM ?) ORDER BY id LIMIT ?",
                tenant.value(),
                after,
                phone,
                name,
                limit);
    }

    private static List<Read> staff(Sql sql, TenantId tenant, UUID email, UUID after, int limit) throws SQLException {
        return sql.list(
                row -> {
                    UUID id = row.id("id");
                    return new Read(
                            id,
                            Staff.place(tenant, new UserId(id), row.number("version")),
                            Map.of("email", row.sealed("email_sealed")),
                            under(row, "email_key"));
                },
                "SELECT id, email_sealed, version, email_key FROM sotto.staff_user WHERE tenant_id = ? AND id > ?"
                        + " AND email_key IS DISTINCT FROM ? ORDER BY id LIMIT ?",
                tenant.value(),
                after,
                email,
                limit);
    }

    private static List<UUID> under(Sql.Row row, String... columns) throws SQLException {
        var keys = new ArrayList<UUID>();
        for (String column : columns) {
            keys.add(row.optionalId(column).orElse(FIRST));
        }
        return List.copyOf(keys);
    }

    /// A page in one transaction. What others did meanwhile is left to them.
    private Step replace(Place place, List<Read> read) {
        int done = rows.keep(place.tenant(), () -> {
            var fresh = read.stream().flatMap(row -> fresh(place, row).stream()).toList();
            return sql -> {
                int replaced = 0;
                for (var each : fresh) {
                    replaced += replace(sql, place, each) ? 1 : 0;
                }
                if (replaced > 0) {
                    rows.ledger()
                            .append(rows.ledger()
                                    .event("index.recomputed", place.tenant())
                                    .resource("tenant", place.tenant())
                                    .detail("record", place.table().replace('_', '-'))
                                    .detail("rows", replaced));
                }
                return replaced;
            };
        });
        meter.count("keys.index.recomputed", done);
        return new Step(done, read.size() - done, 0);
    }

    private static boolean replace(Sql sql, Place place, Fresh fresh) throws SQLException {
        UUID[] keys = Subjects.keys(fresh.indexes());
        return !List.of(keys).equals(fresh.row().under())
                && sql.first(
                                row -> row.flag("done"),
                                "SELECT sotto.reindex(?, ?, ?, ?, ?, ?) AS done",
                                place.table(),
                                fresh.row().id(),
                                fresh.row().context().version(),
                                fresh.row().under().toArray(UUID[]::new),
                                keys,
                                Subjects.bytes(fresh.indexes()))
                        .orElseThrow();
    }

    private Optional<Fresh> fresh(Place place, Read row) {
        Map<String, SensitiveText> opened;
        try {
            opened = rows.seals().open(row.context(), row.fields());
        } catch (IntegrityException refused) {
            meter.count("keys.index.refused");
            LOG.atWarn()
                    .addKeyValue("event", "store.row.refused")
                    .addKeyValue("tenant", place.tenant())
                    .addKeyValue("record", row.context().type())
                    .addKeyValue("code", refused.code().name())
                    .log("a row whose index was to be computed anew does not open; its index key stays");
            return Optional.empty();
        }
        if (place.table().equals(STAFF)) {
            var email = requireNonNull(opened.get("email"));
            return Optional.of(new Fresh(
                    row, List.of(rows.blindIndex().of(TenantId.OPERATOR, Staff.EMAIL_INDEX, Staff.normal(email)))));
        }
        var indexes = subjects.indexes(
                place.tenant(),
                requireNonNull(opened.get("name")),
                requireNonNull(opened.get("birth-date")).reveal(),
                requireNonNull(opened.get("phone")).reveal());
        return Optional.of(new Fresh(row, List.of(indexes.birthPhone(), indexes.nameBirth())));
    }

    /// Ends the versions before the newest if no row is under them. The lock is that of the trigger `index_key`: who
    /// was
    /// adding a row under an older one has ended, and nobody can add one afterwards.
    private int retire(TenantId tenant, String purpose, IndexColumn column) {
        var live = keys.live(tenant, purpose);
        if (live.size() < 2) {
            return 0;
        }
        boolean behind = rows.transactions().in(tenant, sql -> {
            alone(sql, tenant, purpose);
            return column.behind(sql, tenant, live.getFirst().id());
        });
        return behind ? 0 : ended(tenant, purpose, live.getFirst());
    }

    private int retireStaff() {
        var live = keys.live(TenantId.OPERATOR, Staff.EMAIL_INDEX);
        if (live.size() < 2) {
            return 0;
        }
        rows.transactions().run(TenantId.OPERATOR, sql -> alone(sql, TenantId.OPERATOR, Staff.EMAIL_INDEX));
        return staffBehind(live.getFirst().id()).isEmpty()
                ? ended(TenantId.OPERATOR, Staff.EMAIL_INDEX, live.getFirst())
                : 0;
    }

    /// Counters are not computed anew: they end by themselves.
    private int retireCounters(TenantId tenant) {
        var live = keys.live(tenant, IdentityAttempts.PURPOSE);
        boolean over = live.size() > 1
                && live.getFirst().madeAt().plus(IdentityAttempts.KEY_LIFE).isBefore(rows.now());
        return over ? ended(tenant, IdentityAttempts.PURPOSE, live.getFirst()) : 0;
    }

    private int ended(TenantId tenant, String purpose, IndexKeys.Live newest) {
        return keys.retire(tenant, purpose, newest.version(), rows.ledger().node()) ? 1 : 0;
    }

    private static void alone(Sql sql, TenantId tenant, String purpose) throws SQLException {
        sql.run(
                "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))",
                "index/%s/%s".formatted(tenant.value(), purpose));
    }
}
