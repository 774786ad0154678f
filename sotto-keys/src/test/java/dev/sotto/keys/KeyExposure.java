package dev.sotto.keys;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/// Takes keys out of what wraps them, for tests that search for their bytes.
public final class KeyExposure {
    private KeyExposure() {}

    /// The root keys of a key store file, by their addresses.
    public static Map<String, byte[]> roots(Path file, char[] passphrase) {
        return KeyStoreFile.read(file, passphrase, LocalKms.PRIMARY, LocalKms.BACKUP).entrySet().stream()
                .collect(Collectors.toMap(
                        root -> root.getKey().text(), root -> root.getValue().reveal()));
    }

    /// The key in `wrapped`.
    public static byte[] unwrap(byte[] parent, byte[] wrapped, EncryptionContext context) {
        return Wrapping.unwrap(DataKey.copyOf(parent), wrapped, context).reveal();
    }
}
