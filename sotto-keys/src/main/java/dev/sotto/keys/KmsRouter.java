package dev.sotto.keys;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Several key services as one: each key goes to the service of its URI's scheme. So a tenant may bring a key of a
/// service of its own, and keys move from one service to another by rewrapping. Thread-safe.
public final class KmsRouter implements Kms, KmsMac {
    /// What [#scheme()] answers. No key URI has this scheme.
    public static final String SCHEME = "*";

    private final Map<String, Kms> services;

    /// @param services at least one, each of another scheme; the router closes them
    public KmsRouter(Collection<? extends Kms> services) {
        if (services.isEmpty()) {
            throw new IllegalArgumentException("services must not be empty");
        }
        var byScheme = new HashMap<String, Kms>();
        for (var service : services) {
            if (byScheme.put(service.scheme(), service) != null) {
                throw new IllegalArgumentException("scheme (%s) must be served once".formatted(service.scheme()));
            }
        }
        this.services = Map.copyOf(byScheme);
    }

    /// The schemes that are served, in order.
    public Set<String> schemes() {
        return new TreeSet<>(services.keySet());
    }

    @Override
    public String scheme() {
        return SCHEME;
    }

    @Override
    public KeyUri newest(KeyUri kek) {
        var service = services.get(kek.scheme());
        return service == null ? kek : service.newest(kek);
    }

    @Override
    public WrappedKey wrap(KeyUri kek, DataKey key, EncryptionContext context) {
        return serving(kek).wrap(kek, key, context);
    }

    @Override
    public DataKey unwrap(WrappedKey wrapped, EncryptionContext context) {
        return opening(wrapped).unwrap(wrapped, context);
    }

    /// Stays inside the service if both keys are its own.
    @Override
    public WrappedKey rewrap(WrappedKey wrapped, EncryptionContext context, KeyUri newKek) {
        var to = serving(newKek);
        var from = opening(wrapped);
        if (from.equals(to)) {
            return from.rewrap(wrapped, context, newKek);
        }
        try (var key = from.unwrap(wrapped, context)) {
            return to.wrap(newKek, key, context);
        }
    }

    @Override
    public byte[] mac(KeyUri key, byte[] message) {
        if (serving(key) instanceof KmsMac service) {
            return service.mac(key, message);
        }
        throw new RejectedException(
                KeysError.KEY_URI_INVALID, "key service (%s) computes no message codes".formatted(key.scheme()));
    }

    @Override
    public void close() {
        services.values().forEach(Kms::close);
    }

    private Kms serving(KeyUri kek) {
        var service = services.get(kek.scheme());
        if (service == null) {
            throw new RejectedException(
                    KeysError.KMS_SCHEME_UNKNOWN,
                    "key service (%s) is not configured on this node\nhint: configured are %s"
                            .formatted(kek.scheme(), String.join(", ", schemes())));
        }
        return service;
    }

    private Kms opening(WrappedKey wrapped) {
        var service = services.get(wrapped.kek().scheme());
        if (service == null) {
            throw new IntegrityException(
                    KeysError.KMS_SCHEME_UNKNOWN,
                    "wrapped key names a key service (%s) that is not configured on this node"
                            .formatted(wrapped.kek().scheme()));
        }
        return service;
    }
}
