package dev.sotto.notify;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.NoticeId;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What a webhook is signed with: HMAC-SHA-256 as in Standard Webhooks. Prints without the secret.
public final class WebhookSecret {
    private static final String PREFIX = "whsec_";
    private static final String HMAC = "HmacSHA256";
    private static final int MIN_BYTES = 24;
    private static final int MAX_BYTES = 64;

    private final SecretKeySpec key;

    private WebhookSecret(SecretKeySpec key) {
        this.key = key;
    }

    /// Reads `whsec_` and base64 of 24 to 64 bytes.
    ///
    /// @throws RejectedException if it is anything else; the message does not repeat it
    public static WebhookSecret parse(SensitiveText text) {
        String value = text.reveal().strip();
        try {
            byte[] bytes = value.startsWith(PREFIX)
                    ? Base64.getDecoder().decode(value.substring(PREFIX.length()))
                    : new byte[0];
            if (bytes.length >= MIN_BYTES && bytes.length <= MAX_BYTES) {
                return new WebhookSecret(new SecretKeySpec(bytes, HMAC));
            }
        } catch (IllegalArgumentException notBase64) {
            // told below, without what it was
        }
        throw new RejectedException(
                NotifyError.SIGNING_SECRET_INVALID,
                "a signing secret must be %s and base64 of %d to %d bytes".formatted(PREFIX, MIN_BYTES, MAX_BYTES));
    }

    /// One signature of the header `webhook-signature`.
    String sign(NoticeId id, Instant at, String body) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(key);
            byte[] signed = "%s.%d.%s".formatted(id, at.getEpochSecond(), body).getBytes(UTF_8);
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java has HMAC-SHA-256", missing);
        }
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
