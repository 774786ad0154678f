package dev.sotto.keys;

import dev.sotto.core.ConflictException;
import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;

/// Root keys in a key store file on this machine: `local:primary` and `local:backup`, AES-256, under a passphrase.
/// The file and its strength are described in `docs/spec/sealing.md`. Thread-safe.
///
/// The root keys are in this process's memory while it runs: whoever can read that has them. An HSM or a cloud key
/// service does not have this limit.
public final class LocalKms implements Kms {
    /// The root key of the running installation.
    public static final KeyUri PRIMARY = new KeyUri("local:primary");
    /// The root key of backups.
    public static final KeyUri BACKUP = new KeyUri("local:backup");

    private static final String SCHEME = "local";

    private final Map<KeyUri, DataKey> roots;
    private final SecureRandom random;

    private LocalKms(Map<KeyUri, DataKey> roots, SecureRandom random) {
        this.roots = roots;
        this.random = random;
    }

    /// Makes both root keys and a file, readable and writable by its owner only, that appears whole or not at all.
    /// The passphrase stays the caller's.
    ///
    /// @throws ConflictException if the file exists
    /// @throws RejectedException if the passphrase has fewer than 12 or more than 1024 characters
    /// @throws UnavailableException if the file cannot be written
    public static LocalKms create(Path file, char[] passphrase) {
        var random = new SecureRandom();
        var roots = Map.of(PRIMARY, DataKey.random(random), BACKUP, DataKey.random(random));
        KeyStoreFile.create(file, passphrase, roots, random);
        return new LocalKms(roots, random);
    }

    /// Opens a file that [#create] made. Takes part of a second by design. The passphrase stays the caller's.
    ///
    /// @throws DeniedException if someone other than the owner may read or write the file
    /// @throws RejectedException if the passphrase is wrong or the file was altered: these cannot be told apart
    /// @throws UnavailableException if the file is absent or cannot be read
    public static LocalKms open(Path file, char[] passphrase) {
        return new LocalKms(KeyStoreFile.read(file, passphrase, PRIMARY, BACKUP), new SecureRandom());
    }

    @Override
    public String scheme() {
        return SCHEME;
    }

    @Override
    public WrappedKey wrap(KeyUri kek, DataKey key, EncryptionContext context) {
        var root = roots.get(kek);
        if (root == null) {
            throw new RejectedException(KeysError.KEY_URI_INVALID, "key uri names no root key of the local key store");
        }
        return WrappedKey.of(kek, Wrapping.wrap(root, key, context, random));
    }

    @Override
    public DataKey unwrap(WrappedKey wrapped, EncryptionContext context) {
        var root = roots.get(wrapped.kek());
        if (root == null) {
            throw new IntegrityException(KeysError.WRAPPED_KEY_INVALID, "wrapped key did not open");
        }
        return Wrapping.unwrap(root, wrapped.bytes(), context);
    }

    /// Overwrites the root keys. Later calls fail with [IllegalStateException].
    @Override
    public void close() {
        roots.values().forEach(DataKey::close);
    }
}
