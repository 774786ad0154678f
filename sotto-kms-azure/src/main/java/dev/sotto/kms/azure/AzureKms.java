package dev.sotto.kms.azure;

import static java.util.Objects.requireNonNull;

import com.azure.core.util.Context;
import com.azure.security.keyvault.keys.cryptography.CryptographyClient;
import com.azure.security.keyvault.keys.cryptography.models.DecryptParameters;
import com.azure.security.keyvault.keys.cryptography.models.EncryptParameters;
import com.azure.security.keyvault.keys.cryptography.models.KeyWrapAlgorithm;
import dev.sotto.core.DeniedException;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KeyWrapping;
import dev.sotto.keys.KeysError;
import dev.sotto.keys.Kms;
import dev.sotto.keys.KmsCalls;
import dev.sotto.keys.KmsCalls.Operation;
import dev.sotto.keys.KmsFailure;
import dev.sotto.keys.KmsFailure.Reason;
import dev.sotto.keys.WrappedKey;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Wraps under keys in Azure, `azure:<host>/keys/<name>/<version>`; a rotation gives another URI. What binds the
/// context depends on the vault, see [AzureKeyKind]. Thread-safe; blocks at most the total of its limits.
///
/// Data keys, or the one-time keys over them, pass through this process and the SDK in clear, and their copies there
/// cannot be wiped.
public final class AzureKms implements Kms {
    private static final String SCHEME = "azure";

    private final AzureKmsConfig config;
    private final AzureClients clients;
    private final KmsCalls calls;
    private final SecureRandom random = new SecureRandom();
    private volatile boolean closed;

    private interface Request<T> {
        T send(CryptographyClient client) throws KmsFailure;
    }

    /// Reads the secret or certificate; sends nothing yet.
    ///
    /// @throws DeniedException if someone other than its owner may read or write its file
    /// @throws UnavailableException if it cannot be read
    public AzureKms(AzureKmsConfig config, Meter meter) {
        this.config = requireNonNull(config, "config");
        this.calls = new KmsCalls(SCHEME, config.limits(), meter, random);
        this.clients = new AzureClients(config);
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
                        "key uri must be azure: and host, /keys/, name and version of a key in a configured vault"));
        var wrapping = switch (kind(name)) {
            case MANAGED_HSM_AES -> encrypt(name, key, context);
            case VAULT_RSA_UNAUTHENTICATED -> wrapTwice(name, key, context);
        };
        return wrapping.under(kek);
    }

    @Override
    public DataKey unwrap(WrappedKey wrapped, EncryptionContext context) {
        checkOpen();
        var name = named(wrapped.kek()).orElseThrow(AzureWrapping::refused);
        return switch (AzureWrapping.read(wrapped, kind(name))) {
            case AzureWrapping.Gcm gcm -> decrypt(name, gcm, context);
            case AzureWrapping.Rsa rsa -> {
                try (var oneTime = unwrapKey(name, rsa.oneTimeKey)) {
                    yield KeyWrapping.unwrap(oneTime, rsa.dataKey, context);
                }
            }
        };
    }

    /// Later calls fail with [IllegalStateException].
    @Override
    public void close() {
        closed = true;
        clients.close();
    }

    private AzureWrapping encrypt(AzureKeyName name, DataKey key, EncryptionContext context) {
        byte[] secret = key.reveal();
        try {
            return call(Operation.WRAP, name, client -> {
                var answer = client.encrypt(
                        EncryptParameters.createA256GcmParameters(secret, context.associatedData()), Context.NONE);
                return new AzureWrapping.Gcm(
                        ofLength(AzureWrapping.Gcm.NONCE, answer.getIv()),
                        ofLength(AzureWrapping.Gcm.TAG, answer.getAuthenticationTag()),
                        ofLength(DataKey.LENGTH, answer.getCipherText()));
            });
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private DataKey decrypt(AzureKeyName name, AzureWrapping.Gcm gcm, EncryptionContext context) {
        return call(
                Operation.UNWRAP,
                name,
                client -> dataKey(client.decrypt(
                                DecryptParameters.createA256GcmParameters(
                                        gcm.ciphertext, gcm.nonce, gcm.tag, context.associatedData()),
                                Context.NONE)
                        .getPlainText()));
    }

    private AzureWrapping wrapTwice(AzureKeyName name, DataKey key, EncryptionContext context) {
        try (var oneTime = DataKey.random(random)) {
            byte[] inner = KeyWrapping.wrap(oneTime, key, context, random);
            byte[] secret = oneTime.reveal();
            try {
                return call(Operation.WRAP, name, client -> {
                    byte[] outer = client.wrapKey(KeyWrapAlgorithm.RSA_OAEP_256, secret, Context.NONE)
                            .getEncryptedKey();
                    if (outer == null || outer.length == 0 || outer.length > AzureWrapping.Rsa.MAX_CIPHERTEXT) {
                        throw new KmsFailure(Reason.ANSWER_INVALID);
                    }
                    return new AzureWrapping.Rsa(outer, inner);
                });
            } finally {
                Arrays.fill(secret, (byte) 0);
            }
        }
    }

    private DataKey unwrapKey(AzureKeyName name, byte[] wrapped) {
        return call(
                Operation.UNWRAP,
                name,
                client -> dataKey(client.unwrapKey(KeyWrapAlgorithm.RSA_OAEP_256, wrapped, Context.NONE)
                        .getKey()));
    }

    private <T> T call(Operation operation, AzureKeyName name, Request<T> request) {
        return calls.call(operation, _ -> {
            try {
                return request.send(clients.of(name));
            } catch (RuntimeException failure) { // the SDK has no common type of its own
                throw AzureFailures.of(failure, operation == Operation.UNWRAP);
            }
        });
    }

    private static byte[] ofLength(int length, byte @Nullable [] bytes) throws KmsFailure {
        if (bytes == null || bytes.length != length) {
            throw new KmsFailure(Reason.ANSWER_INVALID);
        }
        return bytes;
    }

    private static DataKey dataKey(byte @Nullable [] bytes) throws KmsFailure {
        byte[] secret = ofLength(DataKey.LENGTH, bytes);
        try {
            return DataKey.copyOf(secret);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private AzureKeyKind kind(AzureKeyName name) {
        return requireNonNull(config.vaults().get(name.host()), "kind");
    }

    private Optional<AzureKeyName> named(KeyUri kek) {
        return kek.scheme().equals(SCHEME)
                ? AzureKeyName.parse(kek.name()).filter(name -> config.vaults().containsKey(name.host()))
                : Optional.empty();
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the key service was closed");
        }
    }
}
