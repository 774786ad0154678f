package dev.sotto.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.SensitiveText;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/// The secret with which an offered call connects its stream, once. 32 random bytes as base64url; only the SHA-256 of
/// that text is stored.
final class OneTimeToken {
    private static final int SIZE_BYTES = 32;

    private OneTimeToken() {}

    static SensitiveText draw(SecureRandom random) {
        var bytes = new byte[SIZE_BYTES];
        random.nextBytes(bytes);
        return SensitiveText.of(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    static byte[] hash(SensitiveText token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.reveal().getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
