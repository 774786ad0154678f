package dev.sotto.kms.pkcs11;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.DeniedException;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.Kms;
import dev.sotto.keys.KmsCalls;
import dev.sotto.keys.KmsFailure;
import dev.sotto.keys.KmsMac;
import dev.sotto.keys.Passphrase;
import dev.sotto.keys.WrappedKey;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.NoSuchAlgorithmException;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/// Root keys in a hardware security module. A key is `pkcs11:<token>/<label>`; it was made in the token, cannot leave
/// it, and this process never sees it. Thread-safe; opened once a token, closed by whoever opened it.
///
/// A wrapped key is a version byte 1, a nonce of 12 bytes and 48 bytes of AES-256-GCM with
/// [EncryptionContext#associatedData()]. The nonce is random and made here: at most 2^32 keys may be wrapped under one
/// root key (NIST SP 800-38D, 8.3), which is why only tenant keys are, and root keys are changed yearly.
///
/// If the token goes, calls fail with [UnavailableException], and each later one looks for it and logs in anew. A PIN
/// that was refused is not tried again: the token would lock itself.
public final class Pkcs11Kms implements Kms, KmsMac {
    private static final String SCHEME = "pkcs11";
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final String HMAC = "HmacSHA256";
    private static final byte VERSION = 1;
    private static final int NONCE_LENGTH = 12;
    private static final int TAG_LENGTH = 16;
    private static final int LENGTH = 1 + NONCE_LENGTH + DataKey.LENGTH + TAG_LENGTH;
    private static final Duration SHORTEST_LIFE = Duration.ofMillis(100);
    /// How many in this process use a token: the login is the process's, so the last one to leave logs out.
    private static final Map<String, Integer> USERS = new ConcurrentHashMap<>();

    private final Pkcs11Config config;
    private final char[] pin;
    private final SecureRandom random;
    private final KmsCalls calls;
    private final ReentrantLock connecting = new ReentrantLock();
    private volatile @Nullable TokenConnection connection;
    private volatile @Nullable DeniedException pinRefused;
    private volatile boolean closed;
    private long connectedAt = System.nanoTime() - SHORTEST_LIFE.toNanos(); // guarded by connecting

    private Pkcs11Kms(Pkcs11Config config, char[] pin, SecureRandom random, Meter meter) {
        this.config = config;
        this.pin = pin;
        this.random = random;
        var threads = Thread.ofPlatform().daemon().name("kms-pkcs11-", 0).factory();
        this.calls = new KmsCalls(SCHEME, config.limits(), meter, random, threads);
    }

    /// Finds the token and logs in.
    ///
    /// @param pin of the token's user; stays the caller's, a copy is kept to log in again
    /// @throws DeniedException if the token refuses the PIN
    /// @throws UnavailableException if library or token are not there
    public static Pkcs11Kms open(Pkcs11Config config, Passphrase pin, SecureRandom random, Meter meter) {
        requireNonNull(random, "random");
        var kms = new Pkcs11Kms(requireNonNull(config, "config"), pin.reveal(), random, requireNonNull(meter, "meter"));
        USERS.merge(kms.user(), 1, Integer::sum);
        boolean opened = false;
        try {
            kms.calls.call(KmsCalls.Operation.WRAP, _ -> kms.connection());
            opened = true;
            return kms;
        } finally {
            if (!opened) {
                kms.close();
            }
        }
    }

    @Override
    public String scheme() {
        return SCHEME;
    }

    @Override
    public WrappedKey wrap(KeyUri kek, DataKey key, EncryptionContext context) {
        refuseClosed();
        byte[] sealed = calls.call(
                KmsCalls.Operation.WRAP, _ -> with(kek, KeyUse.WRAP, (at, root) -> wrap(at, root, key, context)));
        return WrappedKey.of(kek, sealed);
    }

    @Override
    public DataKey unwrap(WrappedKey wrapped, EncryptionContext context) {
        refuseClosed();
        byte[] bytes = wrapped.bytes();
        return calls.call(KmsCalls.Operation.UNWRAP, _ -> {
            if (bytes.length != LENGTH || bytes[0] != VERSION) {
                throw new KmsFailure(KmsFailure.Reason.CIPHERTEXT_REFUSED);
            }
            return with(wrapped.kek(), KeyUse.WRAP, (at, root) -> unwrap(at, root, bytes, context));
        });
    }

    /// HMAC-SHA-256 under a generic secret of the token.
    @Override
    public byte[] mac(KeyUri key, byte[] message) {
        refuseClosed();
        return calls.call(
                KmsCalls.Operation.MAC,
                _ -> with(key, KeyUse.MAC, (at, secret) -> {
                    var mac = Mac.getInstance(HMAC, at.provider());
                    mac.init(secret);
                    return mac.doFinal(message);
                }));
    }

    /// Makes an AES-256 key in the token that wraps and cannot leave it.
    ///
    /// @throws RejectedException if the token has a key of that label, or `kek` is not of this token
    public void createWrappingKey(KeyUri kek) {
        create(kek, KeyUse.WRAP);
    }

    /// Makes a secret of 32 bytes in the token for [#mac] that cannot leave it.
    ///
    /// @throws RejectedException if the token has a key of that label, or `key` is not of this token
    public void createMacKey(KeyUri key) {
        create(key, KeyUse.MAC);
    }

    /// Forgets the PIN, and logs the process out of the token if nobody else here uses it.
    @Override
    public void close() {
        connecting.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            Arrays.fill(pin, '\0');
            var last = connection;
            connection = null;
            var left = USERS.computeIfPresent(user(), (_, users) -> users == 1 ? null : users - 1);
            if (left == null && last != null) {
                last.logout();
            }
        } finally {
            connecting.unlock();
        }
    }

    /// What a token does with one of its keys.
    @FunctionalInterface
    private interface Act<T> {
        T on(TokenConnection connection, SecretKey key) throws GeneralSecurityException, KmsFailure;
    }

    private <T> T with(KeyUri uri, KeyUse use, Act<T> act) throws KmsFailure {
        var label = label(uri).orElseThrow(() -> new KmsFailure(KmsFailure.Reason.KEY_UNKNOWN));
        var used = connection();
        try {
            return act.on(used, used.key(label, use));
        } catch (KmsFailure failure) {
            if (failure.reason() == KmsFailure.Reason.UNREACHABLE) {
                drop(used);
            }
            throw failure;
        } catch (NoSuchAlgorithmException | NoSuchPaddingException | InvalidAlgorithmParameterException unable) {
            throw new KmsFailure(KmsFailure.Reason.REQUEST_REFUSED, unable);
        } catch (GeneralSecurityException | ProviderException broken) {
            drop(used);
            throw new KmsFailure(KmsFailure.Reason.UNREACHABLE, broken);
        }
    }

    private byte[] wrap(TokenConnection at, SecretKey root, DataKey key, EncryptionContext context)
            throws GeneralSecurityException {
        byte[] nonce = new byte[NONCE_LENGTH];
        random.nextBytes(nonce);
        var cipher = Cipher.getInstance(CIPHER, at.provider());
        cipher.init(Cipher.ENCRYPT_MODE, root, new GCMParameterSpec(TAG_LENGTH * Byte.SIZE, nonce));
        cipher.updateAAD(context.associatedData());
        byte[] plain = key.reveal();
        try {
            byte[] out = new byte[LENGTH];
            out[0] = VERSION;
            System.arraycopy(nonce, 0, out, 1, NONCE_LENGTH);
            if (cipher.doFinal(plain, 0, plain.length, out, 1 + NONCE_LENGTH) != DataKey.LENGTH + TAG_LENGTH) {
                throw new ProviderException("ciphertext of an unexpected length");
            }
            return out;
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private DataKey unwrap(TokenConnection at, SecretKey root, byte[] bytes, EncryptionContext context)
            throws GeneralSecurityException, KmsFailure {
        try {
            byte[] plain = open(at, root, bytes, context.associatedData());
            try {
                return DataKey.copyOf(plain);
            } finally {
                Arrays.fill(plain, (byte) 0);
            }
        } catch (AEADBadTagException refused) {
            // The provider says the same of an altered ciphertext and of a token in trouble: what the token can still
            // open tells which it was.
            try (var probe = DataKey.random(random)) {
                var probing = EncryptionContext.ofSecret("probe");
                byte[] opened = open(at, root, wrap(at, root, probe, probing), probing.associatedData());
                Arrays.fill(opened, (byte) 0);
            }
            throw new KmsFailure(KmsFailure.Reason.CIPHERTEXT_REFUSED, refused);
        }
    }

    private static byte[] open(TokenConnection at, SecretKey root, byte[] bytes, byte[] associatedData)
            throws GeneralSecurityException {
        var cipher = Cipher.getInstance(CIPHER, at.provider());
        cipher.init(Cipher.DECRYPT_MODE, root, new GCMParameterSpec(TAG_LENGTH * Byte.SIZE, bytes, 1, NONCE_LENGTH));
        cipher.updateAAD(associatedData);
        return cipher.doFinal(bytes, 1 + NONCE_LENGTH, bytes.length - 1 - NONCE_LENGTH);
    }

    private void create(KeyUri uri, KeyUse use) {
        refuseClosed();
        var label = label(uri)
                .orElseThrow(() -> new RejectedException(
                        Pkcs11Error.PKCS11_CONFIG_REFUSED,
                        "key uri must be pkcs11:%s/<label>".formatted(config.token())));
        calls.call(KmsCalls.Operation.WRAP, _ -> {
            connection().create(label, use);
            return label;
        });
    }

    private TokenConnection connection() throws KmsFailure {
        var open = connection;
        if (open != null) {
            return open;
        }
        connecting.lock();
        try {
            refuseClosed();
            var refused = pinRefused;
            if (refused != null) {
                throw refused;
            }
            var meanwhile = connection;
            if (meanwhile == null) {
                long now = System.nanoTime();
                if (now - connectedAt < SHORTEST_LIFE.toNanos()) { // each one costs a provider and a login
                    throw new KmsFailure(KmsFailure.Reason.UNREACHABLE);
                }
                connectedAt = now;
                meanwhile = TokenConnection.open(config, pin);
                connection = meanwhile;
            }
            return meanwhile;
        } catch (DeniedException refused) {
            pinRefused = refused;
            throw refused;
        } finally {
            connecting.unlock();
        }
    }

    private void drop(TokenConnection broken) {
        connecting.lock();
        try {
            if (connection == broken) {
                connection = null;
            }
        } finally {
            connecting.unlock();
        }
    }

    private Optional<String> label(KeyUri uri) {
        var start = config.token() + "/";
        if (!uri.scheme().equals(SCHEME) || !uri.name().startsWith(start)) {
            return Optional.empty();
        }
        return Optional.of(uri.name().substring(start.length())).filter(Pkcs11Config::isLabel);
    }

    private String user() {
        return config.library() + " " + config.token();
    }

    private void refuseClosed() {
        if (closed) {
            throw new IllegalStateException("the key service was closed");
        }
    }
}
