package dev.sotto.keys;

import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/// An unwrapped key in use: a copy of its own, overwritten when closed.
///
/// @param slot where it belongs, a [KeySlot] or an [ErasableSlot]
/// @param above the ids of the keys it is wrapped under, nearest first; the root key is not among them
record HeldKey<S>(UUID id, S slot, KeyState state, DataKey key, List<UUID> above) implements AutoCloseable {
    HeldKey {
        above = List.copyOf(above);
    }

    HeldKey(UUID id, S slot, KeyState state, DataKey key) {
        this(id, slot, state, key, List.of());
    }

    /// The ids a child of this key has above it.
    List<UUID> aboveChildren() {
        return Stream.concat(Stream.of(id), above.stream()).toList();
    }

    @Override
    public void close() {
        key.close();
    }
}
