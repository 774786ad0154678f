package dev.sotto.keys;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;

/// Wraps data keys under a key that never leaves its service. Thread-safe; may block.
///
/// Whoever opened it closes it; after that every call fails with [IllegalStateException]. Closing again does nothing.
public interface Kms extends AutoCloseable {
    /// The key-URI scheme served, lower case, such as `local`.
    String scheme();

    /// The address under which new keys are wrapped where `kek` was used so far: the newest of its line, if the
    /// service numbers its root keys; else `kek` itself.
    default KeyUri newest(KeyUri kek) {
        return kek;
    }

    /// Wraps `key` so that only `kek`, under an equal `context`, can unwrap it. `key` stays the caller's.
    ///
    /// @throws RejectedException if `kek` names no key of this service
    /// @throws UnavailableException if no answer came in time; a retry is safe
    WrappedKey wrap(KeyUri kek, DataKey key, EncryptionContext context);

    /// Recovers the data key. The caller closes it.
    ///
    /// @throws IntegrityException if `wrapped` was altered, or is bound to another context or another service's key
    /// @throws UnavailableException if no answer came in time; a retry is safe
    DataKey unwrap(WrappedKey wrapped, EncryptionContext context);

    /// The same data key under `newKek`, or under the newest version of the same kek. A service that can do it inside
    /// does; else the data key passes through this process, for as long as that takes.
    ///
    /// @throws IntegrityException if `wrapped` was altered, or is bound to another context or another service's key
    /// @throws RejectedException if `newKek` names no key of this service
    /// @throws UnavailableException if no answer came in time; a retry is safe
    default WrappedKey rewrap(WrappedKey wrapped, EncryptionContext context, KeyUri newKek) {
        try (var key = unwrap(wrapped, context)) {
            return wrap(newKek, key, context);
        }
    }

    /// Lets go of what was opened. Does nothing unless an adapter says otherwise.
    @Override
    default void close() {}
}
