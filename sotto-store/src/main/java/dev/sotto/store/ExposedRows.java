package dev.sotto.store;

import dev.sotto.core.ConflictException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.Meter;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyLifecycle.Exposed;
import dev.sotto.keys.KeyService;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Seals rows anew whose record keys a compromised class key exposes, and destroys those keys. The rows are the
/// progress: what is not under a fresh key is still to be done, so a step may stop anywhere, and several
/// nodes may step at once. Thread-safe; blocks on the database, the keys and the audit log.
public final class ExposedRows {
    /// The most rows of one step.
    public static final int MAX_STEP = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(ExposedRows.class);
    private static final int PAGE = 50;
    private static final UUID FIRST = new UUID(0, 0);

    private final Rows rows;
    private final KeyService keys;
    private final Meter meter;
    private final Map<UUID, UUID> visited = new ConcurrentHashMap<>(); // one entry a compromised class key

    ExposedRows(Rows rows, KeyService keys, Meter meter) {
        this.rows = rows;
        this.keys = keys;
        this.meter = meter;
    }

    /// What a step did.
    ///
    /// @param resealed rows sealed anew
    /// @param destroyed owners whose exposed record keys are gone, since no row is under them any more
    /// @param refused rows that did not open: they stay as they are, and so do their keys
    public record Step(int resealed, int destroyed, int refused) {
        private Step plus(Step other) {
            return new Step(resealed + other.resealed, destroyed + other.destroyed, refused + other.refused);
        }

        private int acts() {
            return resealed + destroyed + refused;
        }
    }

    /// One bounded step: every row is sealed anew in a transaction of its own, audited `row.resealed` with
    /// the digests of the new fields and the new version. The keys of an owner are destroyed at a later
    /// visit, which found nothing under them any more: who had read a row just before has opened it by
    /// then.
    ///
    /// @param classKey the id of a compromised class key
    /// @param limit at most so many rows and keys, 1 to [#MAX_STEP]
    /// @throws dev.sotto.core.UnavailableException if keys, database or log do not answer; what was done stands
    public Step reseal(TenantId tenant, UUID classKey, int limit) {
        if (limit < 1 || limit > MAX_STEP) {
            throw new IllegalArgumentException("limit (%d) must be 1 to %d".formatted(limit, MAX_STEP));
        }
        var total = new Step(0, 0, 0);
        var exposed = keys.lifecycle().exposed(tenant, classKey, Optional.ofNullable(visited.get(classKey)), limit);
        for (var each : exposed) {
            total = total.plus(visit(tenant, each, limit - total.acts()));
            if (total.acts() >= limit) {
                return total; // the same owner first next time: it may not be done
            }
            visited.put(classKey, each.id());
        }
        if (exposed.size() < limit) {
            visited.remove(classKey);
        }
        return total;
    }

    private Step visit(TenantId tenant, Exposed exposed, int most) {
        var tables = SealedTable.of(exposed.dataClass(), exposed.owner());
        if (tables.isEmpty() || tenant.equals(TenantId.OPERATOR)) {
            return new Step(0, 0, 0); // not of rows: the node's own files
        }
        try {
            UUID fresh = keys.freshRecordKey(tenant, exposed.dataClass(), exposed.owner());
            var step = new Step(0, 0, 0);
            boolean found = false;
            for (var table : tables) {
                var pages = new Pages(table, tenant, exposed.owner(), fresh);
                found |= pages.reseal(most - step.acts());
                step = step.plus(pages.step);
                if (step.acts() >= most) {
                    return step;
                }
            }
            if (found || !nothingLeft(tables, tenant, exposed, fresh)) {
                return step;
            }
            keys.destroyRecordKeysBefore(tenant, exposed.dataClass(), exposed.owner(), fresh);
            return new Step(0, 1, 0);
        } catch (ConflictException busy) {
            meter.count("keys.exposed.busy");
        } catch (NotFoundException erased) {
            meter.count("keys.exposed.erased"); // the owner was erased meanwhile, with all its keys
        }
        return new Step(0, 0, 0);
    }

    /// The rows of one owner in one table, a page at a time.
    private final class Pages {
        private final SealedTable table;
        private final TenantId tenant;
        private final KeyOwner owner;
        private final UUID fresh;
        private Step step = new Step(0, 0, 0);

        Pages(SealedTable table, TenantId tenant, KeyOwner owner, UUID fresh) {
            this.table = table;
            this.tenant = tenant;
            this.owner = owner;
            this.fresh = fresh;
        }

        /// True if there was any.
        boolean reseal(int most) {
            boolean found = false;
            UUID after = FIRST;
            while (step.acts() < most) {
                UUID behind = after;
                int page = Math.min(PAGE, most - step.acts());
                var read = rows.transactions()
                        .in(tenant, sql -> table.notUnder(sql, tenant, owner, bytes(fresh), behind, page));
                for (var row : read) {
                    step = step.plus(reseal(row));
                }
                found |= !read.isEmpty();
                if (read.size() < page) {
                    return found;
                }
                after = read.getLast().id();
            }
            return found;
        }

        private Step reseal(SealedTable.SealedRow read) {
            Map<String, byte[]> opened;
            try {
                opened = rows.seals().openBytes(read.context(), read.fields());
            } catch (IntegrityException refused) {
                meter.count("keys.exposed.refused");
                LOG.atWarn()
                        .addKeyValue("event", "store.row.refused")
                        .addKeyValue("tenant", tenant)
                        .addKeyValue("record", read.context().type())
                        .addKeyValue("code", refused.code().name())
                        .log("a row that was to be sealed anew does not open; its key is kept");
                return new Step(0, 0, 1);
            }
            var next = read.context().next();
            var sealed = rows.seals().sealBytes(next, opened);
            opened.values().forEach(value -> Arrays.fill(value, (byte) 0));
            var hash = owner instanceof KeyOwner.OfSubject(var subject)
                    ? Optional.of(rows.ledger().hash(tenant, subject))
                    : Optional.<String>empty();
            boolean done = rows.transactions().in(tenant, sql -> {
                boolean replaced = table.replace(sql, read, sealed);
                if (replaced) {
                    var event = rows.ledger().event("row.resealed", tenant);
                    if (owner instanceof KeyOwner.OfCall(var call)) {
                        event.resource("call", call).detail("id", next.id());
                    } else {
                        hash.ifPresentOrElse(
                                each -> event.resource("subject", each).subjectHash(each),
                                () -> event.resource(next.type(), next.id()));
                    }
                    rows.ledger()
                            .append(Ledger.digests(
                                    event.detail("record", next.type()).detail("version", next.version()), sealed));
                }
                return replaced;
            });
            return new Step(done ? 1 : 0, 0, 0);
        }
    }

    /// Waits for everyone who is adding a row for the owner; nobody can add one under an exposed key after
    /// that. The lock is that of the trigger `fresh_key`.
    private boolean nothingLeft(List<SealedTable> tables, TenantId tenant, Exposed exposed, UUID fresh) {
        var owner = exposed.owner();
        return rows.transactions().in(tenant, sql -> {
            sql.run(
                    "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))",
                    "rows/%s/%s/%s"
                            .formatted(tenant.value(), exposed.dataClass().code(), owner.text()));
            for (var table : tables) {
                if (!table.notUnder(sql, tenant, owner, bytes(fresh), FIRST, 1).isEmpty()) {
                    return false;
                }
            }
            return true;
        });
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }
}
