package dev.sotto.keys;

import java.nio.file.Path;

/// Root keys in a PKCS12 key store on this machine: `local:primary` and `local:backup`.
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class LocalKms implements Kms, AutoCloseable {
    public static final KeyUri PRIMARY = new KeyUri("local:primary");
    public static final KeyUri BACKUP = new KeyUri("local:backup");

    private LocalKms() {}

    public static LocalKms create(Path file, char[] passphrase) {
        throw new UnsupportedOperationException();
    }

    public static LocalKms open(Path file, char[] passphrase) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String scheme() {
        return "local";
    }

    @Override
    public WrappedKey wrap(KeyUri kek, DataKey key, EncryptionContext context) {
        throw new UnsupportedOperationException();
    }

    @Override
    public DataKey unwrap(WrappedKey wrapped, EncryptionContext context) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
