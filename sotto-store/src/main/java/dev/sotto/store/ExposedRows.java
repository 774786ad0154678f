package dev.sotto.store;

import dev.sotto.core.ConflictException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.Meter;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyLifecycle.Exposed;
import dev.sotto.keys.KeyService;
import dev.sotto.keys.RecordContext;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Seals rows anew whose record keys a compromised class key exposes, and destroys those keys. The rows are the
/// progress: what is not under a fresh key is still to be done, so a step may stop anywhere, and several
/// nodes may step at once. A row that does not open holds up none behind it: the next step goes on after it, and the
/// next pass tries it again. Thread-safe; blocks on the database, the keys and the audit log.
public final class ExposedRows {
    /// The most rows of one step.
    public static final int MAX_STEP = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(ExposedRows.class);
    private static final int PAGE = 50;
    private static final UUID FIRST = new UUID(0, 0);

    private final Rows rows;
    private final KeyService keys;
    private final Meter meter;
    private final RefusedRows refused = new RefusedRows();
    private final Map<UUID, Place> places = new ConcurrentHashMap<>(); // one entry a compromised class key

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
    /// @param newlyRefused those of them that this process did not know before
    public record Step(int resealed, int destroyed, int refused, int newlyRefused) {
        private static final Step NONE = new Step(0, 0, 0, 0);

        private Step plus(Step other) {
            return new Step(
                    resealed + other.resealed,
                    destroyed + other.destroyed,
                    refused + other.refused,
                    newlyRefused + other.newlyRefused);
        }

        private int acts() {
            return resealed + destroyed + refused;
        }
    }

    /// A row, or a record key, that did not open when it was to be sealed anew. Holds ids only.
    ///
    /// @param record the kind of row, or `record-key`
    public record Refused(TenantId tenant, UUID classKey, String record, String id) {}

    /// What did not open, as this process found it in the last pass and in the one under way; at most
    /// [RefusedRows#MAX].
    public List<Refused> refused() {
        return refused.list();
    }

    /// Forgets what is known of class keys that are not among `exposed`, the compromised ones that still wrap
    /// something.
    public void retain(Set<UUID> exposed) {
        places.keySet().retainAll(exposed);
        refused.retain(exposed);
    }

    /// Where the next step goes on.
    ///
    /// @param behind the record key whose rows were visited last; empty at the start of a pass
    /// @param within the record key after that, if rows of it were refused
    /// @param table the index of its table that is next
    /// @param row only rows of that table behind this id
    private record Place(Optional<UUID> behind, Optional<UUID> within, int table, UUID row) {
        private static final Place START = behind(Optional.empty());

        private static Place behind(Optional<UUID> key) {
            return new Place(key, Optional.empty(), 0, FIRST);
        }

        private boolean isWithin(Exposed exposed) {
            return within.filter(exposed.id()::equals).isPresent();
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
        var total = Step.NONE;
        Place place = places.getOrDefault(classKey, Place.START);
        var exposed = keys.lifecycle().exposed(tenant, classKey, place.behind(), limit);
        for (var each : exposed) {
            var visit = new Visit(tenant, classKey, each, place);
            visit.run(limit - total.acts());
            total = total.plus(visit.step);
            if (total.acts() >= limit) {
                places.put(classKey, visit.next); // the same owner first next time: it may not be done
                return total;
            }
            place = Place.behind(Optional.of(each.id()));
            places.put(classKey, place);
        }
        if (exposed.size() < limit) {
            places.remove(classKey);
            refused.endPass(classKey);
        }
        return total;
    }

    /// The rows of one owner.
    private final class Visit {
        private final TenantId tenant;
        private final UUID classKey;
        private final Exposed exposed;
        private final List<SealedTable> tables;
        private final Place from;
        private Place next;
        private boolean found;
        private Step step = Step.NONE;

        Visit(TenantId tenant, UUID classKey, Exposed exposed, Place place) {
            this.tenant = tenant;
            this.classKey = classKey;
            this.exposed = exposed;
            this.tables = tenant.equals(TenantId.OPERATOR)
                    ? List.of() // not of rows: the node's own files
                    : SealedTable.of(exposed.dataClass(), exposed.owner());
            this.from = place.isWithin(exposed) ? place : Place.behind(place.behind());
            this.next = from;
            this.found = place.isWithin(exposed); // what was refused is still there
        }

        void run(int most) {
            if (tables.isEmpty()) {
                return;
            }
            try {
                fresh().ifPresent(fresh -> reseal(fresh, most));
            } catch (ConflictException busy) {
                meter.count("keys.exposed.busy");
            } catch (NotFoundException erased) {
                meter.count("keys.exposed.erased"); // the owner was erased meanwhile, with all its keys
            }
        }

        /// Empty if the owner's record key in use does not open.
        private Optional<UUID> fresh() {
            try {
                return Optional.of(keys.freshRecordKey(tenant, exposed.dataClass(), exposed.owner()));
            } catch (IntegrityException altered) {
                refuse("record-key", exposed.id().toString(), altered);
                next = Place.behind(Optional.of(exposed.id()));
                return Optional.empty();
            }
        }

        private void reseal(UUID fresh, int most) {
            for (int table = from.table(); table < tables.size(); table++) {
                pages(table, fresh, most);
                if (step.acts() >= most) {
                    return;
                }
            }
            if (!found && nothingLeft(tables, tenant, exposed, fresh)) {
                keys.destroyRecordKeysBefore(tenant, exposed.dataClass(), exposed.owner(), fresh);
                step = step.plus(new Step(0, 1, 0, 0));
            }
        }

        /// A page at a time.
        private void pages(int index, UUID fresh, int most) {
            SealedTable table = tables.get(index);
            UUID after = index == from.table() ? from.row() : FIRST;
            while (step.acts() < most) {
                UUID behind = after;
                int page = Math.min(PAGE, most - step.acts());
                var read = rows.transactions()
                        .in(tenant, sql -> table.notUnder(sql, tenant, exposed.owner(), bytes(fresh), behind, page));
                for (var row : read) {
                    reseal(table, row);
                    after = row.id();
                    if (step.refused() > 0 || next.within().isPresent()) {
                        next = new Place(from.behind(), Optional.of(exposed.id()), index, after);
                    }
                }
                found |= !read.isEmpty();
                if (read.size() < page) {
                    return;
                }
            }
        }

        private void refuse(String record, String id, IntegrityException why) {
            meter.count("keys.exposed.refused");
            boolean unheard = refused.note(new Refused(tenant, classKey, record, id));
            if (unheard) {
                LOG.atWarn()
                        .addKeyValue("event", "store.row.refused")
                        .addKeyValue("tenant", tenant)
                        .addKeyValue("record", record)
                        .addKeyValue("code", why.code().name())
                        .log("what was to be sealed anew does not open; its key is kept");
            }
            step = step.plus(new Step(0, 0, 1, unheard ? 1 : 0));
        }

        private void reseal(SealedTable table, SealedTable.SealedRow read) {
            Map<String, byte[]> opened;
            try {
                opened = rows.seals().openBytes(read.context(), read.fields());
            } catch (IntegrityException altered) {
                refuse(read.context().type(), read.context().id(), altered);
                return;
            }
            var next = read.context().next();
            var sealed = rows.seals().sealBytes(next, opened);
            opened.values().forEach(value -> Arrays.fill(value, (byte) 0));
            if (replace(table, read, next, sealed)) {
                step = step.plus(new Step(1, 0, 0, 0));
            }
        }

        private boolean replace(
                SealedTable table, SealedTable.SealedRow read, RecordContext next, Map<String, Sealed> sealed) {
            var hash = exposed.owner() instanceof KeyOwner.OfSubject(var subject)
                    ? Optional.of(rows.ledger().hash(tenant, subject))
                    : Optional.<String>empty();
            return rows.transactions().in(tenant, sql -> {
                boolean replaced = table.replace(sql, read, sealed);
                if (replaced) {
                    var event = rows.ledger().event("row.resealed", tenant);
                    if (exposed.owner() instanceof KeyOwner.OfCall(var call)) {
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
