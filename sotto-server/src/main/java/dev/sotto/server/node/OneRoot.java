package dev.sotto.server.node;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KeysError;
import dev.sotto.keys.Kms;
import dev.sotto.keys.WrappedKey;

/// A key service that has one line of root keys and no other: what is left when the rest is gone. Thread-safe.
///
/// @param root any key of the line
record OneRoot(Kms service, KeyUri root) implements Kms {
    @Override
    public String scheme() {
        return root.scheme();
    }

    @Override
    public KeyUri newest(KeyUri kek) {
        return service.newest(kek);
    }

    @Override
    public WrappedKey wrap(KeyUri kek, DataKey key, EncryptionContext context) {
        if (!has(kek)) {
            throw new RejectedException(KeysError.KEY_URI_INVALID, "key uri names no root key that is left");
        }
        return service.wrap(kek, key, context);
    }

    @Override
    public DataKey unwrap(WrappedKey wrapped, EncryptionContext context) {
        if (!has(wrapped.kek())) {
            throw new IntegrityException(KeysError.WRAPPED_KEY_INVALID, "wrapped key did not open");
        }
        return service.unwrap(wrapped, context);
    }

    private boolean has(KeyUri kek) {
        return kek.equals(root) || service.newest(kek).equals(service.newest(root));
    }
}
