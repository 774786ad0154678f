package dev.sotto.keys;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Several key services behind one: each call goes to the one whose scheme the key's address has. So a tenant may
/// have its root key elsewhere, and may be moved. Thread-safe; closes nothing.
public final class KmsByScheme implements Kms {
    private final Kms first;
    private final Map<String, Kms> services;

    /// @param services at least one, each of another scheme; the first gives its scheme to this
    /// @throws IllegalArgumentException if two have the same scheme
    public KmsByScheme(List<Kms> services) {
        this.first = services.getFirst();
        this.services = services.stream()
                .collect(Collectors.toUnmodifiableMap(Kms::scheme, Function.identity(), (_, b) -> {
                    throw new IllegalArgumentException("scheme (%s) is served twice".formatted(b.scheme()));
                }));
    }

    @Override
    public String scheme() {
        return first.scheme();
    }

    @Override
    public KeyUri newest(KeyUri kek) {
        var kms = services.get(kek.scheme());
        return kms == null ? kek : kms.newest(kek);
    }

    @Override
    public WrappedKey wrap(KeyUri kek, DataKey key, EncryptionContext context) {
        var kms = services.get(kek.scheme());
        if (kms == null) {
            throw new RejectedException(KeysError.KEY_URI_INVALID, "key uri names no key service here");
        }
        return kms.wrap(kek, key, context);
    }

    @Override
    public DataKey unwrap(WrappedKey wrapped, EncryptionContext context) {
        var kms = services.get(wrapped.kek().scheme());
        if (kms == null) {
            throw new IntegrityException(KeysError.WRAPPED_KEY_INVALID, "wrapped key did not open");
        }
        return kms.unwrap(wrapped, context);
    }
}
