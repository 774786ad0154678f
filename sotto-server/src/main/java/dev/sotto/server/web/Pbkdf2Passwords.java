package dev.sotto.server.web;

import dev.sotto.core.SensitiveText;
import dev.sotto.keys.CryptoProvider;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder.SecretKeyFactoryAlgorithm;

/// Hashes passwords with PBKDF2-HMAC-SHA-256 (SP 800-132), 600,000 times, which the FIPS module has. A hash is
/// [#PREFIX] and salt and hash in hex. Thread-safe.
final class Pbkdf2Passwords implements PasswordEncoder {
    static final String PREFIX = "$pbkdf2-sha256$i=600000$";
    /// The form of a hash, made of random bytes: no password gives it.
    static final SensitiveText NOBODYS = SensitiveText.of(PREFIX
            + "8f0d6f3c1b5a4e7792c1d30be4a6f5180c7be2d94f1a6358b02e9dc47a51f36e2b94c8071da6ef53907b1c42fe85a3d6");

    private static final int SALT_BYTES = 16;
    private static final int ITERATIONS = 600_000;
    /// Long enough for the module; never anyone's.
    private static final String STAND_IN = "in the place of one that is too short";

    private final Pbkdf2PasswordEncoder encoder =
            new Pbkdf2PasswordEncoder("", SALT_BYTES, ITERATIONS, SecretKeyFactoryAlgorithm.PBKDF2WithHmacSHA256);

    @Override
    public @Nullable String encode(@Nullable CharSequence password) {
        return PREFIX + encoder.encode(password);
    }

    /// As slow for a password or a hash that cannot be right as for one that can.
    @Override
    public boolean matches(@Nullable CharSequence password, @Nullable String hash) {
        boolean fit = password != null
                && password.length() >= CryptoProvider.minPassword(1)
                && hash != null
                && hash.startsWith(PREFIX);
        CharSequence tried = fit ? password : STAND_IN;
        String against = fit && hash != null ? hash : NOBODYS.reveal();
        return encoder.matches(tried, against.substring(PREFIX.length())) && fit;
    }
}
