package dev.sotto.media;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.SensitiveText;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Twilio's request signature: HMAC-SHA1 under the account's auth token, over the URL and, sorted by name, each
/// form parameter's name and value (twilio.com/docs/usage/security). For those who check it and those who play
/// Twilio in a test. Thread-safe.
public final class TwilioSignature {
    /// The header that carries it; as every header, in any case.
    public static final String HEADER = "X-Twilio-Signature";

    private static final String ALGORITHM = "HmacSHA1";

    private TwilioSignature() {}

    /// Signs `url` as it stands and `form`, whose values are decoded. Equal values of one name count once.
    public static String sign(SensitiveText authToken, String url, Map<String, ? extends Collection<String>> form) {
        var text = new StringBuilder(url);
        new TreeMap<>(form)
                .forEach((name, values) ->
                        new TreeSet<>(values).forEach(value -> text.append(name).append(value)));
        try {
            var mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(authToken.reveal().getBytes(UTF_8), ALGORITHM));
            return Base64.getEncoder()
                    .encodeToString(mac.doFinal(text.toString().getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA1", e);
        }
    }
}
