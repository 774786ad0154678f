package dev.sotto.server.node;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeyRoots;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KeysError;
import dev.sotto.keys.Kms;
import dev.sotto.keys.LocalKms;
import dev.sotto.keys.WrappedKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

/// 32 random bytes that the node's own passwords derive from, kept wrapped under the root key of the
/// configuration. Each derives by HKDF (RFC 5869, expand only: the secret is uniform) with SHA-256 under its own
/// label, so none tells of another.
final class NodeSecret implements AutoCloseable {
    private static final EncryptionContext CONTEXT = EncryptionContext.ofSecret("node-secret");
    private static final String LOCAL = LocalKms.PRIMARY.scheme();
    private static final String LABEL = "sotto node secret 1: ";

    private final DataKey key;

    private NodeSecret(DataKey key) {
        this.key = key;
    }

    /// Unwraps the secret, or makes one. Afterwards it lies in the data directory under the newest primary root
    /// key, and under that of the backup tier unless that one is in the local key store and the primary is not:
    /// whoever has the key store then still has nothing.
    ///
    /// @param recovering whether the copy of the backup tier may be used, if the other does not open
    /// @throws RejectedException if it is under a key of a service that is not set up
    /// @throws dev.sotto.core.SottoException if it does not open, or a key service does not answer
    static NodeSecret open(DataDirectory data, Kms kms, KeyRoots roots, SecureRandom random, boolean recovering) {
        DataKey key = Files.exists(data.nodeSecret()) ? unwrap(data, kms, recovering) : DataKey.random(random);
        try {
            keep(data.nodeSecret(), key, kms, roots.primary());
            Path copy = data.nodeSecretOfBackup();
            if (roots.backup().filter(root -> isCopied(roots.primary(), root)).isPresent()) {
                keep(copy, key, kms, roots.backup().orElseThrow());
            } else {
                PrivateFiles.delete(copy);
            }
            return new NodeSecret(key);
        } catch (RuntimeException failure) {
            key.close();
            throw failure;
        }
    }

    private static boolean isCopied(KeyUri primary, KeyUri backup) {
        return primary.scheme().equals(LOCAL) || !backup.scheme().equals(LOCAL);
    }

    private static void keep(Path file, DataKey key, Kms kms, KeyUri root) {
        KeyUri newest = kms.newest(root);
        if (!Files.exists(file) || !read(file).kek().equals(newest)) {
            PrivateFiles.write(file, kms.wrap(newest, key, CONTEXT).encode());
        }
    }

    private static DataKey unwrap(DataDirectory data, Kms kms, boolean recovering) {
        try {
            return unwrap(data.nodeSecret(), kms);
        } catch (SottoException failure) {
            if (!recovering || !Files.exists(data.nodeSecretOfBackup())) {
                throw failure;
            }
            try {
                return unwrap(data.nodeSecretOfBackup(), kms);
            } catch (SottoException again) {
                failure.addSuppressed(again);
                throw failure;
            }
        }
    }

    private static DataKey unwrap(Path file, Kms kms) {
        WrappedKey wrapped = read(file);
        try {
            return kms.unwrap(wrapped, CONTEXT);
        } catch (IntegrityException refused) {
            if (refused.code() != KeysError.KMS_SCHEME_UNKNOWN) {
                throw refused;
            }
            throw new RejectedException(
                    ServerError.CONFIG_INVALID,
                    "%s is under the root key (%s), and that key service is not set up\nhint: --config FILE with keys.kms.%s"
                            .formatted(file, wrapped.kek().text(), wrapped.kek().scheme()),
                    refused);
        }
    }

    private static WrappedKey read(Path file) {
        return WrappedKey.decode(PrivateFiles.read(file));
    }

    /// A password for `purpose`: 43 characters of base64url, the same each time.
    SensitiveText password(String purpose) {
        byte[] derived = key.derive(LABEL + purpose);
        try {
            return SensitiveText.of(Base64.getUrlEncoder().withoutPadding().encodeToString(derived));
        } finally {
            Arrays.fill(derived, (byte) 0);
        }
    }

    @Override
    public void close() {
        key.close();
    }
}
