package dev.sotto.kms.pkcs11;

import dev.sotto.core.DeniedException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.KmsFailure;
import java.io.IOException;
import java.security.AuthProvider;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyException;
import java.security.KeyStore;
import java.security.ProviderException;
import java.security.Security;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.SecretKey;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.login.FailedLoginException;
import javax.security.auth.login.LoginException;

/// A token that was found by its label and logged in to, and the keys of it that were looked at. Thread-safe. When the
/// token is gone, it is thrown away and another one opened.
final class TokenConnection {
    private static final int MAX_KEYS = 1_024;
    private static final long PIN_FINAL_TRY = 0x20000;
    private static final long PIN_LOCKED = 0x40000;

    private final Cryptoki library;
    private final long slot;
    private final AuthProvider provider;
    private final KeyStore keys;
    private final Map<String, SecretKey> known = new ConcurrentHashMap<>();

    private TokenConnection(Cryptoki library, long slot, AuthProvider provider, KeyStore keys) {
        this.library = library;
        this.slot = slot;
        this.provider = provider;
        this.keys = keys;
    }

    /// @param pin stays the caller's
    /// @throws DeniedException if the PIN is refused, or a wrong one would lock the token: never tried twice
    /// @throws UnavailableException if there is no such token
    /// @throws KmsFailure if the token or library does not work now
    static TokenConnection open(Pkcs11Config config, char[] pin) throws KmsFailure {
        var library = Cryptoki.load(config.library());
        try {
            library.initialize();
            var token = find(library, config.token());
            if ((token.flags() & (PIN_FINAL_TRY | PIN_LOCKED)) != 0) {
                throw pinRefused("token (%s) is locked or has one try for the PIN left\nhint: log in with the vendor's"
                                .formatted(config.token())
                        + " tool first");
            }
            var provider = provider(config, token.slot());
            login(provider, config.token(), pin);
            var keys = KeyStore.getInstance("PKCS11", provider);
            read(keys, library, token.slot());
            return new TokenConnection(library, token.slot(), provider, keys);
        } catch (CryptokiException | GeneralSecurityException | IOException | ProviderException broken) {
            throw new KmsFailure(KmsFailure.Reason.UNREACHABLE, broken);
        }
    }

    AuthProvider provider() {
        return provider;
    }

    /// The key of the label, after a look at its attributes. The object names the key, it does not hold it.
    ///
    /// @throws KmsFailure with [KmsFailure.Reason#KEY_UNKNOWN] if there is none
    /// @throws RejectedException if it may not be used
    SecretKey key(String label, KeyUse use) throws KmsFailure {
        var name = use + " " + label;
        var seen = known.get(name);
        if (seen != null) {
            return seen;
        }
        try {
            if (!use.isFit(library, slot, label)) {
                throw new KmsFailure(KmsFailure.Reason.KEY_UNKNOWN);
            }
            Key key = stored(label);
            if (!(key instanceof SecretKey secret) || secret.getEncoded() != null) {
                throw new RejectedException(
                        Pkcs11Error.PKCS11_KEY_UNFIT, "key (%s) must not leave the token".formatted(label));
            }
            if (known.size() >= MAX_KEYS) {
                known.clear();
            }
            known.put(name, secret);
            return secret;
        } catch (CryptokiException | GeneralSecurityException | IOException | ProviderException broken) {
            throw new KmsFailure(KmsFailure.Reason.UNREACHABLE, broken);
        }
    }

    void create(String label, KeyUse use) throws KmsFailure {
        try {
            if (use.isFit(library, slot, label)) {
                throw new RejectedException(
                        Pkcs11Error.PKCS11_KEY_EXISTS, "token has a key of the label (%s) already".formatted(label));
            }
            use.create(library, slot, label);
            if (!use.isFit(library, slot, label)) {
                throw new KmsFailure(KmsFailure.Reason.ANSWER_INVALID);
            }
        } catch (CryptokiException broken) {
            throw new KmsFailure(KmsFailure.Reason.REQUEST_REFUSED, broken);
        }
    }

    /// Logs this process out of the token, whoever logged in.
    void logout() {
        try {
            provider.logout();
        } catch (LoginException | ProviderException _) {
            // the token is gone, and with it the login
        }
    }

    /// The key store is read again if it does not have a key: it may have been made since.
    private Key stored(String label) throws CryptokiException, GeneralSecurityException, IOException {
        synchronized (keys) {
            Key key = keys.getKey(label, null);
            if (key == null) {
                read(keys, library, slot);
                key = keys.getKey(label, null);
            }
            if (key == null) {
                throw new KeyException("the token has a key that the provider does not see");
            }
            return key;
        }
    }

    /// @throws RejectedException if two keys have one label, of whatever use: the JDK then reads none of them
    private static void read(KeyStore keys, Cryptoki library, long slot)
            throws CryptokiException, GeneralSecurityException, IOException {
        try {
            keys.load(null, null);
        } catch (IOException failed) {
            KeyUse.refuseLabelsTakenTwice(library, slot);
            throw failed;
        }
    }

    private static Cryptoki.Token find(Cryptoki library, String label) throws CryptokiException {
        var found = library.tokens().stream()
                .filter(token -> token.label().equals(label))
                .toList();
        if (found.size() != 1) {
            throw new UnavailableException(
                    Pkcs11Error.PKCS11_TOKEN_ABSENT,
                    "tokens of the label (%s) must be one, there are %d".formatted(label, found.size()));
        }
        return found.getFirst();
    }

    private static AuthProvider provider(Pkcs11Config config, long slot) {
        var template = Security.getProvider("SunPKCS11");
        if (template == null) {
            throw new ProviderException("this Java runtime has no SunPKCS11");
        }
        // Library and label have no character that means something here.
        var text = "--name = sotto-%s%nlibrary = %s%nslot = %d%n".formatted(config.token(), config.library(), slot);
        return (AuthProvider) template.configure(text);
    }

    private static void login(AuthProvider provider, String label, char[] pin) throws LoginException {
        try {
            provider.login(null, callbacks -> {
                for (var callback : callbacks) {
                    if (callback instanceof PasswordCallback asked) {
                        asked.setPassword(pin);
                    }
                }
            });
        } catch (FailedLoginException wrong) {
            throw pinRefused("token (%s) refuses the PIN".formatted(label));
        }
    }

    private static DeniedException pinRefused(String message) {
        return new DeniedException(Pkcs11Error.PKCS11_PIN_REFUSED, message);
    }
}
