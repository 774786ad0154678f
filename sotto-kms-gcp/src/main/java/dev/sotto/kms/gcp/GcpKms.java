package dev.sotto.kms.gcp;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.DeniedException;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KeysError;
import dev.sotto.keys.Kms;
import dev.sotto.keys.KmsCalls;
import dev.sotto.keys.KmsCalls.Operation;
import dev.sotto.keys.KmsFailure;
import dev.sotto.keys.KmsFailure.Reason;
import dev.sotto.keys.WrappedKey;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Wraps under symmetric keys in Google Cloud KMS, `gcp:projects/../locations/../keyRings/../cryptoKeys/..`.
/// Thread-safe; blocks at most the total of its limits.
///
/// The associated data is that of the context and the number of the key version that wraps. Google chooses the version
/// and says it in its answer, so the first wrapping after a rotation takes two requests. Both ways carry checksums, and
/// an answer without a right one is refused.
///
/// Data keys pass through this process and Google's client in clear, and their copies there cannot be wiped.
public final class GcpKms implements Kms {
    private static final String SCHEME = "gcp";
    private static final int MAX_REMEMBERED = 1024;
    private static final int MAX_ROTATIONS = 3;

    private final GcpKmsConfig config;
    private final GcpClient client;
    private final KmsCalls calls;
    private final Map<GcpKeyName, Integer> versions = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /// Sends nothing and reads no credential yet.
    ///
    /// @throws DeniedException if someone other than its owner may read or write the credentials file
    public GcpKms(GcpKmsConfig config, Meter meter) {
        this.config = requireNonNull(config, "config");
        this.calls = new KmsCalls(SCHEME, config.limits(), meter, new SecureRandom());
        this.client = new GcpClient(config);
    }

    @Override
    public String scheme() {
        return SCHEME;
    }

    @Override
    public WrappedKey wrap(KeyUri kek, DataKey key, EncryptionContext context) {
        checkOpen();
        var name = named(kek)
                .orElseThrow(() -> new RejectedException(
                        KeysError.KEY_URI_INVALID,
                        "key uri must be gcp: and the resource name of a key in a configured project"));
        byte[] secret = key.reveal();
        try {
            return calls.call(
                    Operation.WRAP, _ -> encrypt(name, secret, context).under(kek));
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    @Override
    public DataKey unwrap(WrappedKey wrapped, EncryptionContext context) {
        checkOpen();
        var name = named(wrapped.kek()).orElseThrow(GcpWrapping::refused);
        var wrapping = GcpWrapping.read(wrapped);
        byte[] associatedData = GcpWrapping.associatedData(context, wrapping.keyVersion());
        return calls.call(Operation.UNWRAP, _ -> client.decrypt(name, wrapping.ciphertext(), associatedData));
    }

    /// Later calls fail with [IllegalStateException].
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            client.close();
        }
    }

    /// Encrypts for the version that is expected; if Google used another, once more for that one.
    private GcpWrapping encrypt(GcpKeyName name, byte[] secret, EncryptionContext context) throws KmsFailure {
        int expected = versions.getOrDefault(name, 1);
        for (int rotations = 0; rotations < MAX_ROTATIONS; rotations++) {
            var answer = client.encrypt(name, secret, GcpWrapping.associatedData(context, expected));
            if (answer.keyVersion() == expected) {
                return answer;
            }
            expected = answer.keyVersion();
            remember(name, expected);
        }
        throw new KmsFailure(Reason.ANSWER_INVALID);
    }

    private void remember(GcpKeyName name, int version) {
        if (versions.size() >= MAX_REMEMBERED) {
            versions.clear();
        }
        versions.put(name, version);
    }

    private Optional<GcpKeyName> named(KeyUri kek) {
        return kek.scheme().equals(SCHEME)
                ? GcpKeyName.parse(kek.name()).filter(name -> config.projects().contains(name.project()))
                : Optional.empty();
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the key service was closed");
        }
    }
}
