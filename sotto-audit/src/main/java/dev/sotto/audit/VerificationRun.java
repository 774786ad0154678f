package dev.sotto.audit;

import dev.sotto.audit.Verification.Broken;
import dev.sotto.audit.Verification.Fault;
import dev.sotto.core.RejectedException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// One pass over a stored log. Recomputes every hash from the bytes; what is stored beside them is only used to
/// name what is wrong. Not thread-safe.
final class VerificationRun {
    private final LogReader log;
    private final TrustedKeys keys;
    private final Queue<Anchor> anchors;
    private final CompactRange computed = new CompactRange();
    private final Frontier frontier = new Frontier();
    private final Queue<Tile> dueTiles = new ArrayDeque<>();
    private final TenantHeads tenants = new TenantHeads();
    private final BitSet bodiesMissing = new BitSet();
    private long count;
    private long erased;
    private long covered;
    private @Nullable SignedCheckpoint newest;
    private Optional<Instant> signedAt = Optional.empty();
    private @Nullable Suspect suspect;

    /// A pass over `log`.
    ///
    /// @param anchors checkpoints from elsewhere, checked already, by size: the log must continue each
    VerificationRun(LogReader log, TrustedKeys keys, List<Anchor> anchors) {
        this.log = log;
        this.keys = keys;
        this.anchors = new ArrayDeque<>(anchors);
    }

    /// A checkpoint whose signatures hold.
    record Anchor(String where, SignedCheckpoint signed, Optional<Instant> signedAt) {}

    /// Something that does not fit, with two explanations: the next signed root tells which is true.
    private record Suspect(Broken ifRootHolds, Broken otherwise) {}

    Verification run() {
        Broken broken = anchorsReached();
        while (broken == null) {
            LogItem item = log.next();
            if (item instanceof LogItem.End end) {
                broken = end(end);
                if (broken == null) {
                    return intact();
                }
            } else {
                broken = check(item);
            }
        }
        return broken;
    }

    private @Nullable Broken check(@Nullable LogItem item) {
        return switch (item) {
            case null -> broken("log", count, Fault.TRUNCATED, "it ends without its last line");
            case LogItem.End end -> end(end);
            case LogItem.Entry entry -> entry(entry);
            case LogItem.TileRow tile -> tile(tile);
            case LogItem.Note note -> note(note);
            case LogItem.Malformed malformed -> broken(malformed.where(), count, Fault.LINE_MALFORMED, malformed.why());
        };
    }

    private @Nullable Broken entry(LogItem.Entry item) {
        StoredEntry entry = item.entry();
        Broken tileMissing = tileMissing();
        if (tileMissing != null) {
            return tileMissing;
        }
        if (entry.sequence() != count) {
            return gone(count);
        }
        Bytes body = entry.body();
        MerkleHash bodyHash = body == null ? entry.bodyHash() : body.sha256();
        MerkleHash leaf = StoredEntry.leaf(entry.header(), bodyHash);
        if (suspect == null) {
            Broken broken = inspect(entry, bodyHash, leaf, item.where());
            if (broken != null) {
                return broken;
            }
        }
        computed.append(leaf);
        count++;
        if (log.hasTiles() && suspect == null) {
            dueTiles.addAll(frontier.append(leaf));
        }
        return anchorsReached();
    }

    /// Compares an entry with the hashes and columns beside it, and with the entries before it.
    private @Nullable Broken inspect(StoredEntry entry, MerkleHash bodyHash, MerkleHash leaf, String where) {
        if (!leaf.equals(entry.leafHash())) {
            boolean onlyBody = !bodyHash.equals(entry.bodyHash())
                    && StoredEntry.leaf(entry.header(), entry.bodyHash()).equals(entry.leafHash());
            if (onlyBody) {
                return broken(where, count, Fault.BODY_ALTERED, "its body does not hash to what was recorded");
            }
            suspect(
                    broken(where, count, Fault.HASH_ALTERED, "its stored hashes are not those of its bytes"),
                    broken(where, count, Fault.HEADER_ALTERED, "its header does not hash to what was recorded"));
            return null;
        }
        if (!bodyHash.equals(entry.bodyHash())) {
            return broken(where, count, Fault.HASH_ALTERED, "its stored body hash is not that of its body");
        }
        EntryHeader header;
        Optional<AuditEntry.Body> body;
        try {
            header = EntryHeader.decode(entry.header());
            body = Optional.ofNullable(entry.body()).map(EntryBody::read);
        } catch (RejectedException malformed) {
            Broken unreadable = broken(where, count, Fault.HEADER_ALTERED, "its header or body cannot be read");
            suspect(unreadable, unreadable);
            return null;
        }
        if (header.sequence() != count) {
            return outOfOrder(header.sequence(), where);
        }
        return place(entry, header, body, where);
    }

    private @Nullable Broken place(
            StoredEntry entry, EntryHeader header, Optional<AuditEntry.Body> body, String where) {
        String resource =
                body.map(AuditEntry.Body::resource).map(EntryBody::escaped).orElse(null);
        StoredEntry.Columns expected = StoredEntry.Columns.of(header, resource);
        if (!entry.columns().map(expected::equals).orElse(true)) {
            suspect(
                    broken(where, count, Fault.COLUMN_ALTERED, "its columns are not what its header and body say"),
                    broken(where, count, Fault.HEADER_ALTERED, "its header is not what its columns say"));
            return null;
        }
        if (header.tenantSequence() != tenants.count(header.tenant().value())) {
            return broken(
                    where,
                    count,
                    Fault.TENANT_SEQUENCE,
                    "its tenant has %d entries before it, not %d"
                            .formatted(tenants.count(header.tenant().value()), header.tenantSequence()));
        }
        tenants.put(header.tenant().value(), header.tenantSequence() + 1, entry.leafHash());
        if (body.isEmpty()) {
            bodiesMissing.set(Math.toIntExact(count));
        } else if (header.type().equals("audit.erase")) {
            erase(body.get().resource());
        }
        return null;
    }

    private void erase(String resource) {
        String prefix = "entry/";
        if (!resource.matches(prefix + "[0-9]{1,9}")) {
            return;
        }
        int sequence = Integer.parseInt(resource.substring(prefix.length()));
        if (sequence < count && bodiesMissing.get(sequence)) {
            bodiesMissing.clear(sequence);
            erased++;
        }
    }

    /// An untouched entry that is not the next one: was that one removed, or is it elsewhere?
    private Broken outOfOrder(long found, String where) {
        if (found < count) {
            return broken(where, count, Fault.REORDERED, "it is entry %d again".formatted(found));
        }
        long wanted = count;
        for (LogItem item = log.next(); item != null; item = log.next()) {
            if (item instanceof LogItem.Entry later && sequenceOf(later.entry()) == wanted) {
                return broken(
                        where, wanted, Fault.REORDERED, "entry %d stands here and %d later".formatted(found, wanted));
            }
        }
        return broken(
                "entry %d".formatted(wanted), wanted, Fault.MISSING, "it is gone: the next one is %d".formatted(found));
    }

    private static long sequenceOf(StoredEntry entry) {
        try {
            return EntryHeader.decode(entry.header()).sequence();
        } catch (RejectedException malformed) {
            return -1;
        }
    }

    /// Entries from `sequence` on are not there: were they cut off, or taken out of the middle?
    private Broken gone(long sequence) {
        return broken("entry %d".formatted(sequence), sequence, Fault.MISSING, "it is gone and later ones are there");
    }

    private @Nullable Broken tile(LogItem.TileRow row) {
        if (suspect != null) {
            return null;
        }
        Tile due = dueTiles.poll();
        if (due == null || due.level() != row.level() || due.index() != row.index()) {
            return broken(row.where(), covered, Fault.TILE, "it is not one that the entries complete here");
        }
        if (Arrays.equals(row.hashes().array(), due.bytes())) {
            return Arrays.equals(row.root().array(), due.root().bytes())
                    ? null
                    : broken(row.where(), covered, Fault.TILE, "its stored root is not that of its hashes");
        }
        Broken altered = broken(row.where(), covered, Fault.TILE, "its hashes are not those of the entries");
        if (due.level() > 0) {
            return altered;
        }
        List<MerkleHash> stored = Tile.split(row.hashes().array());
        int differs = 0;
        while (differs < stored.size()
                && stored.get(differs).equals(due.hashes().get(differs))) {
            differs++;
        }
        long sequence = due.index() * Tile.WIDTH + differs;
        suspect(
                altered,
                broken(
                        "entry %d".formatted(sequence),
                        sequence,
                        Fault.HEADER_ALTERED,
                        "it was replaced, with its hashes: its tile holds another leaf"));
        return null;
    }

    private @Nullable Broken tileMissing() {
        Tile due = dueTiles.peek();
        return due == null || suspect != null
                ? null
                : broken("tile %d/%d".formatted(due.level(), due.index()), covered, Fault.TILE, "it is missing");
    }

    private @Nullable Broken note(LogItem.Note note) {
        Broken tileMissing = tileMissing();
        if (tileMissing != null) {
            return tileMissing;
        }
        SignedCheckpoint signed;
        try {
            signed = SignedCheckpoint.parse(note.note().array());
        } catch (RejectedException malformed) {
            return broken(note.where(), covered, Fault.CHECKPOINT_MALFORMED, malformed.getMessage());
        }
        if (!signed.checkpoint().origin().equals(log.origin())) {
            return broken(note.where(), covered, Fault.CHECKPOINT_ORIGIN, "it is of another log");
        }
        return switch (signed.check(keys)) {
            case SignedCheckpoint.Check.Refused(String reason) ->
                broken(note.where(), covered, Fault.CHECKPOINT_SIGNATURE, reason);
            case SignedCheckpoint.Check.Signed(Optional<Instant> at) -> {
                if (signed.checkpoint().size() != note.size() || note.size() < count) {
                    yield broken(note.where(), covered, Fault.CHECKPOINT_MALFORMED, "it stands in the wrong place");
                }
                yield note.size() > count
                        ? cut(note.where(), note.size())
                        : settle(new Anchor(note.where(), signed, at));
            }
        };
    }

    private Broken cut(String where, long size) {
        for (LogItem item = log.next(); item != null; item = log.next()) {
            if (item instanceof LogItem.Entry) {
                return gone(count);
            }
        }
        return truncated(where, size);
    }

    private Broken truncated(String where, long size) {
        return broken(
                where, count, Fault.TRUNCATED, "it is of %d entries and the log has only %d".formatted(size, count));
    }

    private @Nullable Broken anchorsReached() {
        Broken broken = null;
        for (Anchor next = anchors.peek();
                broken == null && next != null && next.signed().checkpoint().size() == count;
                next = anchors.peek()) {
            broken = settle(anchors.remove());
        }
        return broken;
    }

    /// Compares what was re-read so far with a signed checkpoint of the same size.
    private @Nullable Broken settle(Anchor anchor) {
        Checkpoint checkpoint = anchor.signed().checkpoint();
        boolean holds = computed.root().equals(checkpoint.root());
        Suspect doubted = suspect;
        if (doubted != null) {
            return holds ? doubted.ifRootHolds() : doubted.otherwise();
        }
        if (!holds) {
            return broken(
                    anchor.where(),
                    covered,
                    Fault.ROOT,
                    "entries %d to %d are not those that were signed".formatted(covered, count - 1));
        }
        if (!tenants.root().equals(checkpoint.tenants())) {
            return broken(anchor.where(), covered, Fault.TENANT_HEADS, "its tenants are not those of the entries");
        }
        covered = count;
        newest = anchor.signed();
        signedAt = anchor.signedAt();
        return null;
    }

    private @Nullable Broken end(LogItem.End end) {
        Broken tileMissing = tileMissing();
        if (tileMissing != null) {
            return tileMissing;
        }
        Suspect doubted = suspect;
        if (doubted != null) {
            boolean holds = end.root().map(computed.root()::equals).orElse(false);
            return holds ? doubted.ifRootHolds() : doubted.otherwise();
        }
        Anchor beyond = anchors.peek();
        if (beyond != null) {
            return truncated(beyond.where(), beyond.signed().checkpoint().size());
        }
        if (end.size() > count) {
            return truncated(end.where(), end.size());
        }
        if (end.size() < count) {
            return broken(end.where(), end.size(), Fault.HEAD, "it is of fewer entries than there are");
        }
        if (!end.root().map(computed.root()::equals).orElse(true)) {
            return broken(end.where(), covered, Fault.HEAD, "its root is not that of the entries");
        }
        if (!bodiesMissing.isEmpty()) {
            int first = bodiesMissing.nextSetBit(0);
            return broken(
                    "entry %d".formatted(first), first, Fault.BODY_MISSING, "its body is gone and no entry says why");
        }
        if (newest == null || (log.endsSigned() && covered < count)) {
            return broken(
                    "log", covered, Fault.UNSIGNED, "no checkpoint covers its entries from %d on".formatted(covered));
        }
        return null;
    }

    private Verification intact() {
        SignedCheckpoint checkpoint = newest;
        if (checkpoint == null) {
            throw new IllegalStateException("an intact log has a checkpoint");
        }
        return new Verification.Intact(count, checkpoint, signedAt, count - covered, erased);
    }

    private void suspect(Broken ifRootHolds, Broken otherwise) {
        suspect = new Suspect(ifRootHolds, otherwise);
        dueTiles.clear();
    }

    private static Broken broken(String where, long sequence, Fault fault, @Nullable String what) {
        return new Broken(where, sequence, fault, "%s: %s".formatted(where, what));
    }
}
