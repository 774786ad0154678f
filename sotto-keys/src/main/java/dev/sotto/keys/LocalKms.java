package dev.sotto.keys;

import dev.sotto.core.ConflictException;
import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// Root keys in a key store file on this machine: `local:primary` and `local:backup`, AES-256, under a passphrase, and
/// those that took their place: `local:primary-2` and so on. Old ones stay, to open what they wrapped. The file and
/// its strength are described in `docs/spec/sealing.md`. Thread-safe.
///
/// The root keys are in this process's memory while it runs: whoever can read that has them. An HSM or a cloud key
/// service does not have this limit.
public final class LocalKms implements Kms {
    /// The root key of the running installation.
    public static final KeyUri PRIMARY = new KeyUri("local:primary");
    /// The root key of backups.
    public static final KeyUri BACKUP = new KeyUri("local:backup");

    private static final String SCHEME = "local";

    private static final int MAX_ROOTS = 100;

    private final Map<KeyUri, DataKey> roots;
    private final Map<KeyUri, Instant> since;
    private final SecureRandom random;

    private LocalKms(KeyStoreFile.Roots roots, SecureRandom random) {
        this.roots = roots.keys();
        this.since = roots.since();
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
        var now = Instant.now();
        return new LocalKms(new KeyStoreFile.Roots(roots, Map.of(PRIMARY, now, BACKUP, now)), random);
    }

    /// Opens a file that [#create] made. Takes part of a second by design. The passphrase stays the caller's.
    ///
    /// @throws DeniedException if someone other than the owner may read or write the file
    /// @throws RejectedException if the passphrase is wrong or the file was altered: these cannot be told apart
    /// @throws UnavailableException if the file is absent or cannot be read
    public static LocalKms open(Path file, char[] passphrase) {
        var found = KeyStoreFile.readAll(file, passphrase, SCHEME);
        if (!found.keys().keySet().containsAll(List.of(PRIMARY, BACKUP))) {
            throw new RejectedException(
                    KeysError.KEY_STORE_REFUSED, "key store did not open: wrong passphrase or altered file");
        }
        return new LocalKms(found, new SecureRandom());
    }

    /// Adds a root key to the file that takes the place of the newest of its line, and opens it. New keys are wrapped
    /// under it; those wrapped before stay as they are until they are wrapped anew. The passphrase stays
    /// the caller's.
    ///
    /// @throws RejectedException as [#open], or if the line has 100 root keys
    /// @throws UnavailableException if the file cannot be read or written; it is as it was then
    public static LocalKms rotate(Path file, char[] passphrase, KeyTier tier) {
        KeyUri next;
        try (var before = open(file, passphrase)) {
            int number = before.number(before.newest(first(tier))) + 1;
            if (number > MAX_ROOTS) {
                throw new RejectedException(KeysError.KEY_URI_INVALID, "key store has 100 root keys of the tier");
            }
            next = new KeyUri(first(tier).text() + "-" + number);
        }
        var random = new SecureRandom();
        try (var key = DataKey.random(random)) {
            KeyStoreFile.add(file, passphrase, next, key, random);
        }
        return open(file, passphrase);
    }

    private static KeyUri first(KeyTier tier) {
        return tier == KeyTier.PRIMARY ? PRIMARY : BACKUP;
    }

    private int number(KeyUri root) {
        int dash = root.name().indexOf('-');
        return dash < 0 ? 1 : Integer.parseInt(root.name().substring(dash + 1));
    }

    /// Since when the newest root key of the tier is there.
    public Instant newestSince(KeyTier tier) {
        return since.getOrDefault(newest(first(tier)), Instant.EPOCH);
    }

    @Override
    public KeyUri newest(KeyUri kek) {
        var line = first(kek.name().startsWith(BACKUP.name()) ? KeyTier.BACKUP : KeyTier.PRIMARY);
        return roots.containsKey(kek)
                ? roots.keySet().stream()
                        .filter(root -> root.equals(line) || root.name().startsWith(line.name() + "-"))
                        .max(Comparator.comparingInt(this::number))
                        .orElse(kek)
                : kek;
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
