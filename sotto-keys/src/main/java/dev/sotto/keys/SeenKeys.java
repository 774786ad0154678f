package dev.sotto.keys;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/// What this process has seen of keys and what can only go on from there: the newest version of a slot, and which
/// keys were compromised or destroyed. A row that says less was put back. The oldest of many is forgotten.
/// Thread-safe.
final class SeenKeys {
    private static final int MAX = 65_536;

    private final Map<KeySlot, Integer> newest = new Bounded<>();
    private final Map<UUID, KeyState> ended = new Bounded<>();

    private static final class Bounded<K, V> extends LinkedHashMap<K, V> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > MAX;
        }
    }

    /// Whether the row may be what it says, as far as is known here.
    synchronized boolean accepts(KeyRecord row) {
        return switch (ended.getOrDefault(row.id(), KeyState.ACTIVE)) {
            case DESTROYED -> row.state() == KeyState.DESTROYED;
            case COMPROMISED -> row.state() == KeyState.COMPROMISED || row.state() == KeyState.DESTROYED;
            case PRE_ACTIVATION, ACTIVE, DEACTIVATED, SUSPENDED -> true;
        };
    }

    /// The newest version known of the slot; 0 if none is.
    synchronized int newest(KeySlot slot) {
        return newest.getOrDefault(slot, 0);
    }

    synchronized void saw(KeyRecord row) {
        newest.merge(row.slot(), row.version(), Math::max);
        if (row.state() == KeyState.COMPROMISED || row.state() == KeyState.DESTROYED) {
            ended.merge(row.id(), row.state(), (old, now) -> old == KeyState.DESTROYED ? old : now);
        }
    }
}
