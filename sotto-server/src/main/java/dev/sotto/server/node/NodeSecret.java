package dev.sotto.server.node;

import dev.sotto.core.SensitiveText;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.Kms;
import dev.sotto.keys.WrappedKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

/// 32 random bytes that the node's own passwords derive from, kept wrapped by the key service. Each derives by HKDF
/// (RFC 5869, expand only: the secret is uniform) with SHA-256 under its own label, so none tells of another.
final class NodeSecret implements AutoCloseable {
    private static final String PURPOSE = "node-secret";
    private static final String LABEL = "sotto node secret 1: ";

    private final DataKey key;

    private NodeSecret(DataKey key) {
        this.key = key;
    }

    /// Unwraps the secret kept in `file`, or makes one.
    static NodeSecret open(Path file, Kms kms, KeyUri root, SecureRandom random) {
        var context = EncryptionContext.ofSecret(PURPOSE);
        if (Files.exists(file)) {
            return new NodeSecret(kms.unwrap(WrappedKey.decode(PrivateFiles.read(file)), context));
        }
        DataKey fresh = DataKey.random(random);
        PrivateFiles.write(file, kms.wrap(root, fresh, context).encode());
        return new NodeSecret(fresh);
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
