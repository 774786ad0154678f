package dev.sotto.keys;

import dev.sotto.core.UnavailableException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// [FakeKms] with HMAC keys that it does not give away. Thread-safe; can be away.
public final class FakeMacKms implements Kms, KmsMac {
    public static final KeyUri INDEX = new KeyUri("fake:index-1");
    public static final KeyUri SECOND_INDEX = new KeyUri("fake:index-2");

    private final FakeKms keys;
    private final Map<KeyUri, byte[]> secrets = new ConcurrentHashMap<>();
    private volatile boolean away;

    public FakeMacKms(FakeKms keys) {
        this.keys = keys;
        replace(INDEX);
        replace(SECOND_INDEX);
    }

    /// Another key at the same address.
    public void replace(KeyUri key) {
        byte[] secret = new byte[32];
        new java.security.SecureRandom().nextBytes(secret);
        secrets.put(key, secret);
    }

    public void away(boolean now) {
        away = now;
    }

    @Override
    public byte[] mac(KeyUri key, byte[] message) {
        if (away) {
            throw new UnavailableException(KeysError.KMS_UNREACHABLE, "the token is away");
        }
        return PurposeMac.mac(secrets.get(key), message);
    }

    @Override
    public String scheme() {
        return keys.scheme();
    }

    @Override
    public KeyUri newest(KeyUri kek) {
        return keys.newest(kek);
    }

    @Override
    public WrappedKey wrap(KeyUri kek, DataKey key, EncryptionContext context) {
        return keys.wrap(kek, key, context);
    }

    @Override
    public DataKey unwrap(WrappedKey wrapped, EncryptionContext context) {
        return keys.unwrap(wrapped, context);
    }

    @Override
    public WrappedKey rewrap(WrappedKey wrapped, EncryptionContext context, KeyUri newKek) {
        return keys.rewrap(wrapped, context, newKek);
    }

    @Override
    public void close() {
        keys.close();
    }
}
