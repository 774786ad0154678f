package dev.sotto.kms.vault;

import dev.sotto.core.UnavailableException;
import dev.sotto.keys.KmsFailure;
import dev.sotto.keys.KmsFailure.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The login at one server: made at first use, renewed after two thirds of its life, made anew when it ended or was
/// refused. Thread-safe; whoever comes while the token still holds does not wait for the renewal.
final class VaultSession {
    private static final int MAX_JWT = 16 * 1024;
    private static final long LONGEST_LEASE_SECONDS = Duration.ofDays(32).toSeconds();
    private static final long FRESH_NANOS = Duration.ofSeconds(5).toNanos();
    private static final int THIRDS = 3;

    private final VaultHttp http;
    private final VaultLogin login;
    private final LongSupplier nanoTime;
    private final ReentrantLock changing = new ReentrantLock();
    private volatile @Nullable Token current;

    /// A token and when to renew it and when it ends, in the time of the session's clock. Prints without the secret.
    record Token(String secret, boolean renewable, long issuedAt, long renewAt, long endsAt) {
        @Override
        public String toString() {
            return "[REDACTED]";
        }
    }

    VaultSession(VaultHttp http, VaultLogin login, LongSupplier nanoTime) {
        this.http = http;
        this.login = login;
        this.nanoTime = nanoTime;
    }

    /// A token that holds now.
    Token token(Duration timeLeft) throws KmsFailure {
        var token = current;
        long now = nanoTime.getAsLong();
        if (token != null && now - token.renewAt() < 0) {
            return token;
        }
        if (token != null && now - token.endsAt() < 0) {
            if (!changing.tryLock()) {
                return token; // another one is renewing it
            }
        } else {
            lock(timeLeft);
        }
        try {
            var meanwhile = current;
            now = nanoTime.getAsLong();
            if (meanwhile != null && now - meanwhile.renewAt() < 0) {
                return meanwhile;
            }
            var fresh = meanwhile != null && meanwhile.renewable() && now - meanwhile.endsAt() < 0
                    ? renewed(meanwhile, timeLeft)
                    : loggedIn(timeLeft);
            current = fresh;
            return fresh;
        } finally {
            changing.unlock();
        }
    }

    /// Forgets a token that was refused, unless another one took its place or it is so fresh that not its end can be
    /// the reason: a policy that is too narrow must not make a login of every call.
    void refused(Token token) {
        changing.lock();
        try {
            if (token.equals(current) && nanoTime.getAsLong() - token.issuedAt() >= FRESH_NANOS) {
                current = null;
            }
        } finally {
            changing.unlock();
        }
    }

    void forget() {
        current = null;
    }

    private void lock(Duration timeLeft) throws KmsFailure {
        try {
            if (!changing.tryLock(timeLeft.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new KmsFailure(Reason.TIMED_OUT);
            }
        } catch (InterruptedException givenUp) {
            Thread.currentThread().interrupt();
            throw new KmsFailure(Reason.TIMED_OUT);
        }
    }

    private Token renewed(Token token, Duration timeLeft) throws KmsFailure {
        var reply = http.post("auth/token/renew-self", Optional.of(token.secret()), emptyObject(), timeLeft);
        if (!reply.isGood()) {
            return loggedIn(timeLeft); // revoked, or at the end of the longest life it may have
        }
        var renewed = read(reply.body());
        boolean longer = renewed.endsAt() - token.endsAt() > 0;
        return longer ? renewed : loggedIn(timeLeft);
    }

    private Token loggedIn(Duration timeLeft) throws KmsFailure {
        byte[] body = credentials();
        try {
            var reply = http.post("auth/" + login.mount() + "/login", Optional.empty(), body, timeLeft);
            if (!reply.isGood()) {
                throw new KmsFailure(Reason.DENIED);
            }
            return read(reply.body());
        } finally {
            Arrays.fill(body, (byte) 0);
        }
    }

    private byte[] credentials() {
        try (var body = new VaultJson.Body()) {
            switch (login) {
                case VaultLogin.AppRole role -> {
                    try (var secret = role.secretId().get()) {
                        char[] characters = secret.reveal();
                        body.text("role_id", role.roleId()).text("secret_id", new String(characters));
                        Arrays.fill(characters, '\0');
                    }
                }
                case VaultLogin.Kubernetes account ->
                    body.text("role", account.role()).text("jwt", jwt(account.token()));
            }
            return body.bytes();
        }
    }

    private static String jwt(Path file) {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_JWT + 1);
            var text = new String(bytes, StandardCharsets.US_ASCII).strip();
            if (bytes.length <= MAX_JWT && !text.isEmpty()) {
                return text;
            }
        } catch (IOException absent) {
            throw unreadable();
        }
        throw unreadable();
    }

    private static UnavailableException unreadable() {
        return new UnavailableException(
                VaultError.VAULT_LOGIN_UNREADABLE,
                "token file must be there and hold 1 to %d bytes".formatted(MAX_JWT));
    }

    private Token read(byte[] answer) throws KmsFailure {
        var auth = VaultJson.object(answer, "auth");
        long seconds = VaultJson.number(auth, "lease_duration");
        var secret = VaultJson.text(auth, "client_token");
        if (seconds < 0 || secret.isEmpty() || !secret.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new KmsFailure(Reason.ANSWER_INVALID);
        }
        // 0: it does not end. Then once in a while it is asked for anew.
        long life = seconds == 0 ? LONGEST_LEASE_SECONDS : Math.min(seconds, LONGEST_LEASE_SECONDS);
        long nanos = Duration.ofSeconds(life).toNanos();
        long now = nanoTime.getAsLong();
        return new Token(secret, VaultJson.truth(auth, "renewable"), now, now + nanos / THIRDS * 2, now + nanos);
    }

    private static byte[] emptyObject() {
        return new byte[] {'{', '}'};
    }
}
