package dev.sotto.media;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.core.SensitiveText;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Checks `X-Twilio-Signature` against the configured public URL, never against what a request says of its host.
/// The URL is tried as configured, without a port and with the port spelled out, since Twilio has done each; all
/// forms are always computed and compared in constant time. Thread-safe.
final class RequestSignature {
    private static final int HTTPS_PORT = 443;
    private static final String BODY_DIGEST = "bodySHA256=";
    private static final int DIGEST_CHARACTERS = 64;

    private final Set<String> authorities;

    RequestSignature(URI publicUrl) {
        String host = publicUrl.getHost();
        int port = publicUrl.getPort() < 0 ? HTTPS_PORT : publicUrl.getPort();
        authorities = new LinkedHashSet<>(List.of(publicUrl.getRawAuthority(), host, host + ":" + port));
    }

    /// Of a form, or of a request without a body.
    ///
    /// @param scheme `https` or `wss`
    /// @param target path and query, as they stand in the request line
    /// @param form decoded parameters
    boolean matches(
            SensitiveText authToken,
            String scheme,
            String target,
            Map<String, ? extends Collection<String>> form,
            String signature) {
        byte[] given = signature.getBytes(US_ASCII);
        boolean matches = false;
        for (String authority : authorities) {
            String expected = TwilioSignature.sign(authToken, scheme + "://" + authority + target, form);
            matches |= MessageDigest.isEqual(expected.getBytes(US_ASCII), given);
        }
        return matches;
    }

    /// Of a body that is not a form: its SHA-256 is in the query, and the signature covers the URL alone.
    boolean matchesBody(SensitiveText authToken, String target, byte[] body, String signature) {
        byte[] actual = HexFormat.of().formatHex(sha256(body)).getBytes(US_ASCII);
        boolean sameBody = MessageDigest.isEqual(actual, claimedDigest(target).getBytes(US_ASCII));
        boolean signed = matches(authToken, "https", target, Map.of(), signature);
        return signed && sameBody; // both are known before either is asked
    }

    /// The one `bodySHA256` of the query, or the empty string.
    private static String claimedDigest(String target) {
        int query = target.indexOf('?');
        if (query < 0) {
            return "";
        }
        String found = "";
        for (String pair : target.substring(query + 1).split("&", -1)) {
            if (pair.startsWith(BODY_DIGEST)) {
                if (!found.isEmpty()) {
                    return "";
                }
                found = pair.substring(BODY_DIGEST.length());
            }
        }
        if (found.length() != DIGEST_CHARACTERS) {
            return "";
        }
        return found;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
