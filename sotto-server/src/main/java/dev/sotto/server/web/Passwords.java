package dev.sotto.server.web;

import dev.sotto.core.LimitedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.keys.CryptoProvider;
import dev.sotto.server.node.ServerError;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;

/// Hashes passwords with Argon2id (RFC 9106): 19 MiB, two passes; in the FIPS distribution, which has no Argon2, with
/// PBKDF2. Few are hashed at once, so that a flood of
/// sign-ins costs no more memory than a handful. Thread-safe.
final class Passwords {
    static final int MIN_LENGTH = CryptoProvider.minPassword(12);
    static final int MAX_LENGTH = 256;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final int LANES = 1;
    private static final int MEMORY_KIB = 19 * 1024;
    private static final int PASSES = 2;
    private static final int AT_ONCE = 4;
    /// The form of a hash, made of random bytes: no password gives it.
    private static final SensitiveText NOBODYS = SensitiveText.of(
            "$argon2id$v=19$m=19456,t=2,p=1$u5eqIDS/tPddR+i9VimOjA" + "$w+il7m/YkqHFY1SRfwcUD5EypQYTOKxg1E/ClkpTbJ0");
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final PasswordEncoder encoder = CryptoProvider.isFips()
            ? new Pbkdf2Passwords()
            : new Argon2PasswordEncoder(SALT_BYTES, HASH_BYTES, LANES, MEMORY_KIB, PASSES);
    private final SensitiveText nobodys = CryptoProvider.isFips() ? Pbkdf2Passwords.NOBODYS : NOBODYS;
    private final Semaphore slots = new Semaphore(AT_ONCE);

    /// What is wrong with a new password, in words for the form; empty if it will do.
    static Optional<String> objection(SensitiveText password, SensitiveText email) {
        String text = password.reveal();
        int length = text.codePointCount(0, text.length());
        if (length < MIN_LENGTH) {
            return Optional.of("The password needs at least %d characters.".formatted(MIN_LENGTH));
        }
        if (length > MAX_LENGTH) {
            return Optional.of("The password may have at most %d characters.".formatted(MAX_LENGTH));
        }
        if (text.codePoints().distinct().count() < MIN_LENGTH / 3) {
            return Optional.of("The password repeats too few characters.");
        }
        if (text.toLowerCase(Locale.ROOT).contains(email.reveal().toLowerCase(Locale.ROOT))) {
            return Optional.of("The password must not contain the e-mail address.");
        }
        return Optional.empty();
    }

    SensitiveText hash(SensitiveText password) {
        return limited(() -> SensitiveText.of(encoder.encode(password.reveal())));
    }

    /// Whether the password is the one that was hashed.
    boolean matches(SensitiveText password, SensitiveText hash) {
        return limited(() -> encoder.matches(password.reveal(), hash.reveal()));
    }

    /// Takes as long as [#matches] and is false: for an address that nobody has.
    boolean matchesNobody(SensitiveText password) {
        matches(password, nobodys);
        return false;
    }

    private <T> T limited(Supplier<T> work) {
        boolean acquired = false;
        try {
            acquired = slots.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (!acquired) {
                throw new LimitedException(ServerError.TOO_MANY, "too many passwords are being checked");
            }
            return work.get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new LimitedException(ServerError.TOO_MANY, "the check of a password was interrupted", interrupted);
        } finally {
            if (acquired) {
                slots.release();
            }
        }
    }
}
