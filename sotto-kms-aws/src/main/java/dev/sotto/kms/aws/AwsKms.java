package dev.sotto.kms.aws;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
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
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.model.DataKeySpec;

/// Wraps under symmetric keys in AWS KMS, `aws:<arn of a key or alias>`. Thread-safe; blocks at most the total of its
/// limits.
///
/// Context and key URI are the encryption context of each request: AWS refuses to open under another, a key policy can
/// ask for a tenant's own, and AWS writes it **in clear** into CloudTrail. It holds ids only.
///
/// A multi-Region key (`mrk-`) is asked for in its own region first and then in the other configured regions in their
/// order. Data keys pass through this process and the SDK in clear, and their copies there cannot be wiped.
public final class AwsKms implements Kms {
    private static final String SCHEME = "aws";

    private final AwsKmsConfig config;
    private final AwsRegions regions;
    private final KmsCalls calls;
    private volatile boolean closed;

    /// A fresh data key, in clear and wrapped. The caller closes the clear one.
    public record Generated(DataKey key, WrappedKey wrapped) {}

    /// Sends nothing yet.
    ///
    /// @throws DeniedException if someone other than its owner may read or write the credentials file
    public AwsKms(AwsKmsConfig config, Meter meter) {
        this.config = requireNonNull(config, "config");
        this.calls = new KmsCalls(SCHEME, config.limits(), meter, new SecureRandom());
        this.regions = new AwsRegions(config, meter);
    }

    @Override
    public String scheme() {
        return SCHEME;
    }

    @Override
    public WrappedKey wrap(KeyUri kek, DataKey key, EncryptionContext context) {
        var name = usable(kek);
        byte[] secret = key.reveal();
        try {
            return calls.call(Operation.WRAP, regions.attempt(name, (client, asked) -> {
                var answer = client.encrypt(request -> request.keyId(asked.arn())
                        .plaintext(SdkBytes.fromByteArray(secret))
                        .encryptionContext(pairs(kek, context)));
                return answered(asked, answer.keyId(), answer.ciphertextBlob()).under(kek);
            }));
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    @Override
    public DataKey unwrap(WrappedKey wrapped, EncryptionContext context) {
        var wrapping = openable(wrapped);
        return calls.call(Operation.UNWRAP, regions.attempt(wrapping.key(), (client, asked) -> {
            var answer = client.decrypt(request -> request.keyId(asked.arn())
                    .ciphertextBlob(SdkBytes.fromByteArray(wrapping.ciphertext()))
                    .encryptionContext(pairs(wrapped.kek(), context)));
            if (!asked.arn().equals(answer.keyId())) {
                throw new KmsFailure(Reason.ANSWER_INVALID);
            }
            return dataKey(answer.plaintext());
        }));
    }

    /// Inside AWS if both keys are in one region, so that the data key does not leave it; there is no failover then.
    @Override
    public WrappedKey rewrap(WrappedKey wrapped, EncryptionContext context, KeyUri newKek) {
        var to = usable(newKek);
        var wrapping = openable(wrapped);
        if (!wrapping.key().region().equals(to.region())) {
            return Kms.super.rewrap(wrapped, context, newKek);
        }
        var from = wrapping.key();
        return calls.call(Operation.REWRAP, regions.attemptAtHome(to, (client, asked) -> {
            var answer = client.reEncrypt(request -> request.sourceKeyId(from.arn())
                    .sourceEncryptionContext(pairs(wrapped.kek(), context))
                    .ciphertextBlob(SdkBytes.fromByteArray(wrapping.ciphertext()))
                    .destinationKeyId(asked.arn())
                    .destinationEncryptionContext(pairs(newKek, context)));
            if (!from.arn().equals(answer.sourceKeyId())) {
                throw new KmsFailure(Reason.ANSWER_INVALID);
            }
            return answered(asked, answer.keyId(), answer.ciphertextBlob()).under(newKek);
        }));
    }

    /// A data key that AWS made and wrapped, with AWS's randomness instead of this machine's.
    ///
    /// @throws RejectedException if `kek` names no key of a configured account and region
    /// @throws UnavailableException if no answer came in time, or the key is disabled; a retry is safe
    /// @throws DeniedException if AWS refuses the credential, or its use of the key
    public Generated generate(KeyUri kek, EncryptionContext context) {
        var name = usable(kek);
        return calls.call(Operation.WRAP, regions.attempt(name, (client, asked) -> {
            var answer = client.generateDataKey(request ->
                    request.keyId(asked.arn()).keySpec(DataKeySpec.AES_256).encryptionContext(pairs(kek, context)));
            var wrapped =
                    answered(asked, answer.keyId(), answer.ciphertextBlob()).under(kek);
            return new Generated(dataKey(answer.plaintext()), wrapped);
        }));
    }

    /// Later calls fail with [IllegalStateException].
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            regions.close();
        }
    }

    private AwsKeyName usable(KeyUri kek) {
        checkOpen();
        if (kek.scheme().equals(SCHEME)) {
            var name = AwsKeyName.parse(kek.name());
            if (name.isPresent() && allowed(name.get())) {
                return name.get();
            }
        }
        throw new RejectedException(
                KeysError.KEY_URI_INVALID,
                "key uri must be aws: and the arn of a key or alias in a configured account and region");
    }

    /// @throws IntegrityException if the wrapped key names a key that this node may not use or that is not its kek
    private AwsWrapping openable(WrappedKey wrapped) {
        checkOpen();
        var wrapping = AwsWrapping.read(wrapped);
        var kek = AwsKeyName.parse(wrapped.kek().name());
        if (!wrapped.kek().scheme().equals(SCHEME)
                || kek.isEmpty()
                || !kek.get().mayMean(wrapping.key())
                || !allowed(wrapping.key())) {
            throw AwsWrapping.refused();
        }
        return wrapping;
    }

    private boolean allowed(AwsKeyName name) {
        return config.accounts().contains(name.account()) && regions.serves(name);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the key service was closed");
        }
    }

    /// What AWS says it used must be what was asked for.
    private static AwsWrapping answered(AwsKeyName asked, @Nullable String arn, @Nullable SdkBytes ciphertext)
            throws KmsFailure {
        var used = AwsKeyName.parse(arn == null ? "" : arn);
        byte[] bytes = ciphertext == null ? new byte[0] : ciphertext.asByteArray();
        if (used.isEmpty()
                || !asked.mayMean(used.get())
                || !asked.region().equals(used.get().region())
                || bytes.length == 0
                || bytes.length > AwsWrapping.MAX_CIPHERTEXT) {
            throw new KmsFailure(Reason.ANSWER_INVALID);
        }
        return new AwsWrapping(used.get(), bytes);
    }

    private static DataKey dataKey(@Nullable SdkBytes plaintext) throws KmsFailure {
        byte[] bytes = plaintext == null ? new byte[0] : plaintext.asByteArrayUnsafe();
        try {
            if (bytes.length != DataKey.LENGTH) {
                throw new KmsFailure(Reason.ANSWER_INVALID);
            }
            return DataKey.copyOf(bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /// Empty parts are left out; the names of the rest keep two contexts from giving the same pairs.
    static Map<String, String> pairs(KeyUri kek, EncryptionContext context) {
        var pairs = new LinkedHashMap<String, String>();
        pairs.put("label", "sotto-wrapped-key-1");
        pairs.put("kek", kek.name());
        pairs.put("level", context.level().code());
        pairs.put("tenant", context.tenant().toString());
        if (!context.name().isEmpty()) {
            pairs.put("name", context.name());
        }
        if (!context.owner().isEmpty()) {
            pairs.put("owner", context.owner());
        }
        pairs.put("version", Integer.toString(context.version()));
        pairs.put("tier", context.tier().code());
        pairs.put("key", context.keyId().toString());
        return pairs;
    }
}
