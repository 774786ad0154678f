package dev.sotto.keys;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A key service that has some of another's root keys and nothing else of it: what is left after a
/// disaster. Notes what was asked of it.
public final class OnlyKms implements Kms {
    private final Kms service;
    private final Set<KeyUri> roots;
    private final List<KeyUri> wrapped = new ArrayList<>();
    private final List<KeyUri> unwrapped = new ArrayList<>();

    public OnlyKms(Kms service, KeyUri... roots) {
        this.service = service;
        this.roots = Set.of(roots);
    }

    /// Under which keys something was wrapped, in order.
    public synchronized List<KeyUri> wrapped() {
        return List.copyOf(wrapped);
    }

    /// With which keys something was, or was to be, unwrapped.
    public synchronized List<KeyUri> unwrapped() {
        return List.copyOf(unwrapped);
    }

    @Override
    public String scheme() {
        return service.scheme();
    }

    @Override
    public synchronized WrappedKey wrap(KeyUri kek, DataKey key, EncryptionContext context) {
        if (!roots.contains(kek)) {
            throw new RejectedException(KeysError.KEY_URI_INVALID, "key uri names no root key");
        }
        wrapped.add(kek);
        return service.wrap(kek, key, context);
    }

    @Override
    public synchronized DataKey unwrap(WrappedKey key, EncryptionContext context) {
        unwrapped.add(key.kek());
        if (!roots.contains(key.kek())) {
            throw new IntegrityException(KeysError.WRAPPED_KEY_INVALID, "wrapped key did not open");
        }
        return service.unwrap(key, context);
    }

    @Override
    public void close() {
        service.close();
    }
}
