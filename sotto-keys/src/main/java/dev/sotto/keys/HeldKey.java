package dev.sotto.keys;

import java.util.UUID;

/// An unwrapped key in use: a copy of its own, overwritten when closed.
///
/// @param slot where it belongs, a [KeySlot] or an [ErasableSlot]
record HeldKey<S>(UUID id, S slot, KeyState state, DataKey key) implements AutoCloseable {
    @Override
    public void close() {
        key.close();
    }
}
