package dev.sotto.keys;

import dev.sotto.core.LimitedException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// The unwrapped tenant and class keys of one tenant, by id, while they are carried over. Overwritten when
/// closed. Not thread-safe.
final class HeldKeys implements AutoCloseable {
    /// Versions of all classes together: 90 days each, so hundreds of years.
    static final int MAX = 20_000;

    private final Map<UUID, DataKey> keys = new HashMap<>();

    /// Takes over `key`.
    void put(UUID id, DataKey key) {
        if (keys.size() >= MAX) {
            key.close();
            throw new LimitedException(KeysError.BACKUP_REFUSED, "a tenant has more than %d keys".formatted(MAX));
        }
        var before = keys.put(id, key);
        if (before != null) {
            before.close();
        }
    }

    /// The key at that address, which stays owned here.
    Optional<DataKey> at(KeyUri address) {
        return address.scheme().equals(KeyHierarchy.ROW_SCHEME)
                ? Optional.ofNullable(keys.get(KeyHierarchy.rowId(address)))
                : Optional.empty();
    }

    @Override
    public void close() {
        keys.values().forEach(DataKey::close);
        keys.clear();
    }
}
