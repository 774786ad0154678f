package dev.sotto.audit;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/// How far each tenant's entries go: what the `tenants` line of a checkpoint commits to. Not thread-safe.
final class TenantHeads {
    private static final Comparator<UUID> AS_BYTES = (a, b) -> {
        int high = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
        return high != 0 ? high : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
    };

    private final TreeMap<UUID, Head> heads = new TreeMap<>(AS_BYTES);

    private record Head(long count, MerkleHash lastLeaf) {}

    TenantHeads copy() {
        TenantHeads copy = new TenantHeads();
        copy.heads.putAll(heads);
        return copy;
    }

    /// How many entries the tenant has, which is the tenant sequence of its next one.
    long count(UUID tenant) {
        Head head = heads.get(tenant);
        return head == null ? 0 : head.count;
    }

    void put(UUID tenant, long count, MerkleHash lastLeaf) {
        heads.put(tenant, new Head(count, lastLeaf));
    }

    void putAll(TenantHeads newer) {
        heads.putAll(newer.heads);
    }

    /// All entries of all tenants.
    long total() {
        return heads.values().stream().mapToLong(Head::count).sum();
    }

    /// The Merkle tree hash over the heads in order of tenant, so that one tenant's head can be proven alone.
    MerkleHash root() {
        List<MerkleHash> leaves = new ArrayList<>(heads.size());
        for (Map.Entry<UUID, Head> entry : heads.entrySet()) {
            ByteBuffer leaf = ByteBuffer.allocate(3 * Long.BYTES + MerkleHash.SIZE_BYTES)
                    .putLong(entry.getKey().getMostSignificantBits())
                    .putLong(entry.getKey().getLeastSignificantBits())
                    .putLong(entry.getValue().count)
                    .put(entry.getValue().lastLeaf.bytes());
            leaves.add(MerkleTree.leaf(leaf.array()));
        }
        return MerkleTree.root(leaves);
    }
}
