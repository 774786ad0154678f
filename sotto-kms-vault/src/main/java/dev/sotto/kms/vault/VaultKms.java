package dev.sotto.kms.vault;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KeysError;
import dev.sotto.keys.Kms;
import dev.sotto.keys.KmsCalls;
import dev.sotto.keys.KmsFailure;
import dev.sotto.keys.KmsFailure.Reason;
import dev.sotto.keys.WrappedKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// Root keys in the Transit engine of HashiCorp Vault or OpenBao. A key is `vault:<mount>/<name>`. Thread-safe; closed
/// by whoever opened it.
///
/// Of a key made with `derived=true` the context is [EncryptionContext#associatedData()]: each context has a key of
/// its own, and [#rewrap] to the newest version happens inside the server. Of any other key it is the associated data
/// of AES-GCM, and a rewrap passes through this process, because the server's rewrap takes no associated data. Which
/// version of the key wrapped is part of the ciphertext: [#keyVersion].
public final class VaultKms implements Kms {
    private static final String SCHEME = "vault";
    private static final Pattern CIPHERTEXT =
            Pattern.compile("vault:v([1-9][0-9]{0,8}):((?:[A-Za-z0-9+/]{4}){10,200}(?:[A-Za-z0-9+/]{2,3}={1,2})?)");
    private static final int MAX_CIPHERTEXT = 1_024;
    private static final int MAX_KEYS = 1_024;
    private static final Duration CHECK_AGAIN = Duration.ofMinutes(5);
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;

    private final VaultConfig config;
    private final VaultHttp http;
    private final VaultSession session;
    private final KmsCalls calls;
    private final LongSupplier nanoTime;
    private final Map<String, TransitKey> known = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private VaultKms(VaultConfig config, Meter meter, RandomGenerator random, LongSupplier nanoTime) {
        this.config = config;
        this.http = new VaultHttp(config);
        this.session = new VaultSession(http, config.login(), nanoTime);
        this.calls = new KmsCalls(SCHEME, config.limits(), meter, random);
        this.nanoTime = nanoTime;
    }

    /// A client; it logs in at first use.
    ///
    /// @throws RejectedException if the trust anchors cannot be used
    public static VaultKms open(VaultConfig config, Meter meter, RandomGenerator random) {
        return open(config, meter, random, System::nanoTime);
    }

    static VaultKms open(VaultConfig config, Meter meter, RandomGenerator random, LongSupplier nanoTime) {
        requireNonNull(config, "config");
        return new VaultKms(config, requireNonNull(meter, "meter"), requireNonNull(random, "random"), nanoTime);
    }

    /// The version of the key at the server that made this wrapped key, from 1.
    ///
    /// @throws IntegrityException if it is none of this service
    public static int keyVersion(WrappedKey wrapped) {
        return version(wrapped.bytes())
                .orElseThrow(() -> new IntegrityException(
                        KeysError.WRAPPED_KEY_INVALID, "wrapped key is none of the key service (vault)"));
    }

    @Override
    public String scheme() {
        return SCHEME;
    }

    @Override
    public WrappedKey wrap(KeyUri kek, DataKey key, EncryptionContext context) {
        refuseClosed();
        byte[] ciphertext = calls.call(KmsCalls.Operation.WRAP, timeLeft -> {
            var time = new TimeLeft(timeLeft);
            var name = name(kek);
            var binding = check(name, time).binding();
            byte[] plain = key.reveal();
            try (var body = new VaultJson.Body()) {
                body.base64("plaintext", plain).base64(binding, context.associatedData());
                return ciphertext(post(name.operation("encrypt"), body, time, Reason.REQUEST_REFUSED));
            } finally {
                Arrays.fill(plain, (byte) 0);
            }
        });
        return WrappedKey.of(kek, ciphertext);
    }

    @Override
    public DataKey unwrap(WrappedKey wrapped, EncryptionContext context) {
        refuseClosed();
        return calls.call(KmsCalls.Operation.UNWRAP, timeLeft -> {
            var time = new TimeLeft(timeLeft);
            var text = text(wrapped);
            var name = name(wrapped.kek());
            var binding = check(name, time).binding();
            try (var body = new VaultJson.Body()) {
                body.text("ciphertext", text).base64(binding, context.associatedData());
                byte[] answer = post(name.operation("decrypt"), body, time, Reason.CIPHERTEXT_REFUSED);
                byte[] plain = VaultJson.plaintext(answer);
                Arrays.fill(answer, (byte) 0);
                return key(plain);
            }
        });
    }

    /// Under the newest version of the same key, inside the server, if the key is a derived one.
    @Override
    public WrappedKey rewrap(WrappedKey wrapped, EncryptionContext context, KeyUri newKek) {
        refuseClosed();
        if (!newKek.equals(wrapped.kek())) {
            return Kms.super.rewrap(wrapped, context, newKek);
        }
        Optional<byte[]> ciphertext = calls.call(KmsCalls.Operation.REWRAP, timeLeft -> {
            var time = new TimeLeft(timeLeft);
            var text = text(wrapped);
            var name = name(newKek);
            var key = check(name, time);
            if (!key.derived()) {
                return Optional.empty();
            }
            try (var body = new VaultJson.Body()) {
                body.text("ciphertext", text).base64("context", context.associatedData());
                byte[] fresh = ciphertext(post(name.operation("rewrap"), body, time, Reason.CIPHERTEXT_REFUSED));
                if (version(fresh).orElse(0) < version(wrapped.bytes()).orElse(0)) {
                    throw new KmsFailure(Reason.ANSWER_INVALID); // a step back is no rewrap
                }
                return Optional.of(fresh);
            }
        });
        return ciphertext
                .map(bytes -> WrappedKey.of(newKek, bytes))
                .orElseGet(() -> Kms.super.rewrap(wrapped, context, newKek));
    }

    /// Forgets the token and ends what is under way.
    @Override
    public void close() {
        closed = true;
        session.forget();
        http.close();
    }

    /// Where a key is at the server.
    private record Name(String mount, String key) {
        String operation(String operation) {
            return mount + "/" + operation + "/" + key;
        }
    }

    /// What is left of the time of a try that asks more than once.
    private static final class TimeLeft {
        private final long until;

        TimeLeft(Duration timeLeft) {
            this.until = System.nanoTime() + timeLeft.toNanos();
        }

        Duration now() throws KmsFailure {
            long left = until - System.nanoTime();
            if (left <= 0) {
                throw new KmsFailure(Reason.TIMED_OUT);
            }
            return Duration.ofNanos(left);
        }
    }

    /// One request with a token.
    @FunctionalInterface
    private interface Request {
        VaultHttp.Reply send(String token) throws KmsFailure;
    }

    /// The key as the server describes it, asked anew every few minutes. Without this look the server would make an
    /// absent key by itself at the first encryption.
    private TransitKey check(Name name, TimeLeft time) throws KmsFailure {
        var path = name.operation("keys");
        var seen = known.get(path);
        long now = nanoTime.getAsLong();
        if (seen != null && now - seen.checkedAt() < CHECK_AGAIN.toNanos()) {
            return seen;
        }
        var reply = withToken(token -> http.get(path, token, time.now()), time);
        if (reply.status() == NOT_FOUND) {
            known.remove(path);
            throw new KmsFailure(Reason.KEY_UNKNOWN);
        }
        if (!reply.isGood()) {
            throw new KmsFailure(Reason.REQUEST_REFUSED);
        }
        var key = TransitKey.read(VaultJson.object(reply.body(), "data"), name.key(), now);
        if (known.size() >= MAX_KEYS) {
            known.clear();
        }
        known.put(path, key);
        return key;
    }

    private byte[] post(String path, VaultJson.Body body, TimeLeft time, Reason refusal) throws KmsFailure {
        byte[] bytes = body.bytes();
        try {
            var reply = withToken(token -> http.post(path, Optional.of(token), bytes, time.now()), time);
            if (reply.isGood()) {
                return reply.body();
            }
            throw new KmsFailure(reply.status() == NOT_FOUND ? Reason.KEY_UNKNOWN : refusal);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /// A server says 403 of a token that ended early just as of one that may not: so the question is put once more,
    /// with a fresh one.
    private VaultHttp.Reply withToken(Request request, TimeLeft time) throws KmsFailure {
        var token = session.token(time.now());
        var reply = request.send(token.secret());
        if (reply.status() == FORBIDDEN) {
            session.refused(token);
            var fresh = session.token(time.now());
            reply = fresh.equals(token) ? reply : request.send(fresh.secret());
        }
        if (reply.status() == FORBIDDEN) {
            throw new KmsFailure(Reason.DENIED);
        }
        return reply;
    }

    private Name name(KeyUri uri) throws KmsFailure {
        var path = uri.name();
        int end = path.lastIndexOf('/');
        if (!uri.scheme().equals(SCHEME) || end < 1) {
            throw new KmsFailure(Reason.KEY_UNKNOWN);
        }
        var name = new Name(path.substring(0, end), path.substring(end + 1));
        if (!config.mounts().contains(name.mount()) || !VaultNames.isName(name.key())) {
            throw new KmsFailure(Reason.KEY_UNKNOWN);
        }
        return name;
    }

    private static byte[] ciphertext(byte[] answer) throws KmsFailure {
        var data = VaultJson.object(answer, "data");
        byte[] ciphertext = VaultJson.text(data, "ciphertext").getBytes(US_ASCII);
        if (version(ciphertext).isEmpty()) {
            throw new KmsFailure(Reason.ANSWER_INVALID);
        }
        return ciphertext;
    }

    /// @throws KmsFailure if it is not of the one form in which the server writes it
    private static String text(WrappedKey wrapped) throws KmsFailure {
        byte[] bytes = wrapped.bytes();
        if (version(bytes).isEmpty()) {
            throw new KmsFailure(Reason.CIPHERTEXT_REFUSED);
        }
        return new String(bytes, US_ASCII);
    }

    private static Optional<Integer> version(byte[] ciphertext) {
        if (ciphertext.length > MAX_CIPHERTEXT) {
            return Optional.empty();
        }
        var form = CIPHERTEXT.matcher(new String(ciphertext, US_ASCII));
        if (!form.matches() || !isCanonical(form.group(2))) {
            return Optional.empty();
        }
        return Optional.of(Integer.valueOf(form.group(1)));
    }

    /// Base 64 has spare bits at its end, which must be zero: else a wrapped key could be altered and still open.
    private static boolean isCanonical(String base64) {
        return Base64.getEncoder()
                .encodeToString(Base64.getDecoder().decode(base64))
                .equals(base64);
    }

    private static DataKey key(byte[] plain) throws KmsFailure {
        try {
            if (plain.length != DataKey.LENGTH) {
                throw new KmsFailure(Reason.ANSWER_INVALID);
            }
            return DataKey.copyOf(plain);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private void refuseClosed() {
        if (closed) {
            throw new IllegalStateException("the key service was closed");
        }
    }
}
