package dev.sotto.media;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.twilio.security.RequestValidator;
import dev.sotto.core.SensitiveText;
import dev.sotto.testkit.Samples;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RequestSignatureTest {
    private static final SensitiveText SECRET = SensitiveText.of("12345");
    private static final RequestValidator TWILIO = new RequestValidator(SECRET.reveal());
    private static final List<String> AUTHORITIES =
            List.of("voice.sotto.test", "voice.sotto.test:8443", "voice.sotto.test:443", "10.0.0.7:9000");

    private record Case(String configured, String signedAuthority, String target, Map<String, List<String>> form) {}

    @Test
    void matches_theExampleOfTwiliosDocuments() {
        // twilio.com/docs/usage/security, "Validating Signatures from Twilio"
        var form = new TreeMap<String, List<String>>();
        form.put("CallSid", List.of("CA1234567890ABCDE"));
        form.put("Caller", List.of("+14158675309"));
        form.put("Digits", List.of("1234"));
        form.put("From", List.of("+14158675309"));
        form.put("To", List.of("+18005551212"));
        var signature = new RequestSignature(URI.create("https://mycompany.com"));

        assertThat(signature.matches(SECRET, "https", "/myapp.php?foo=1&bar=2", form, "RSOYDt4T1cUTdK1PDd93/VVr8B8="))
                .isEqualTo(TWILIO.validate(
                        "https://mycompany.com/myapp.php?foo=1&bar=2", single(form), "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
    }

    @Test
    void matches_anyRequest_agreesWithTwiliosValidator() {
        Samples.forAll(2_000, RequestSignatureTest::sample, each -> {
            var ours = new RequestSignature(URI.create("https://" + each.configured()));
            String given =
                    TwilioSignature.sign(SECRET, "https://" + each.signedAuthority() + each.target(), each.form());
            boolean theirs =
                    TWILIO.validate("https://" + each.configured() + each.target(), single(each.form()), given);

            assertThat(ours.matches(SECRET, "https", each.target(), each.form(), given))
                    .isEqualTo(theirs);
            assertThat(ours.matches(SECRET, "https", each.target() + "x", each.form(), given))
                    .isFalse();
            assertThat(ours.matches(SensitiveText.of("54321"), "https", each.target(), each.form(), given))
                    .isFalse();
            var damaged = new TreeMap<>(each.form());
            damaged.put("Extra", List.of("1"));
            assertThat(ours.matches(SECRET, "https", each.target(), damaged, given))
                    .isFalse();
        });
    }

    @Test
    void matches_withThePortInEveryVariant_isAccepted() {
        for (String configured : List.of("voice.sotto.test", "voice.sotto.test:443", "voice.sotto.test:8443")) {
            var ours = new RequestSignature(URI.create("https://" + configured));
            for (String scheme : List.of("https", "wss")) {
                assertThat(ours.matches(SECRET, scheme, "/x", Map.of(), sign(scheme + "://" + configured + "/x")))
                        .isTrue();
                assertThat(ours.matches(SECRET, scheme, "/x", Map.of(), sign(scheme + "://voice.sotto.test/x")))
                        .isTrue();
                assertThat(ours.matches(SECRET, scheme, "/x", Map.of(), sign(scheme + "://evil.test/x")))
                        .isFalse();
                assertThat(ours.matches(SECRET, scheme, "/x", Map.of(), sign("http://" + configured + "/x")))
                        .isFalse();
            }
        }
        var bare = new RequestSignature(URI.create("https://voice.sotto.test"));
        assertThat(bare.matches(SECRET, "https", "/x", Map.of(), sign("https://voice.sotto.test:443/x")))
                .isTrue();
        assertThat(bare.matches(SECRET, "https", "/x", Map.of(), sign("https://voice.sotto.test:8443/x")))
                .isFalse();
    }

    @Test
    void sign_withOneNameTwice_sortsItsValuesAndCountsEqualOnesOnce() {
        String once =
                TwilioSignature.sign(SECRET, "https://a.test/", Map.of("b", List.of("2", "1"), "a", List.of("3")));

        assertThat(once)
                .isEqualTo(TwilioSignature.sign(
                        SECRET, "https://a.test/", Map.of("a", List.of("3"), "b", List.of("1", "2", "1"))))
                .isEqualTo(sign("https://a.test/a3b1b2"));
    }

    @Test
    void matchesBody_agreesWithTwiliosValidator() throws Exception {
        byte[] body = "{\"property\":\"value\",\"boolean\":true}".getBytes(UTF_8);
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        var ours = new RequestSignature(URI.create("https://voice.sotto.test"));
        for (String query : List.of(
                "?bodySHA256=" + digest,
                "?a=1&bodySHA256=" + digest + "&b=%20",
                "",
                "?bodySHA256=",
                "?bodySHA256=" + "0".repeat(64),
                "?bodySHA256=" + digest.substring(2))) {
            String target = "/twilio/voice" + query;
            String given = sign("https://voice.sotto.test" + target);

            assertThat(ours.matchesBody(SECRET, target, body, given)).as(query).isEqualTo(theirs(target, body, given));
            assertThat(ours.matchesBody(SECRET, target, "{}".getBytes(UTF_8), given))
                    .isFalse();
            assertThat(ours.matchesBody(SECRET, target, body, given.toLowerCase(java.util.Locale.ROOT)))
                    .isFalse();
        }
        assertThat(ours.matchesBody(
                        SECRET,
                        "/twilio/voice?bodySHA256=" + digest + "&bodySHA256=" + digest,
                        body,
                        sign("https://voice.sotto.test/twilio/voice?bodySHA256=" + digest + "&bodySHA256=" + digest)))
                .isFalse();
    }

    private static boolean theirs(String target, byte[] body, String given) {
        if (!target.contains("bodySHA256")) {
            return false; // theirs throws
        }
        try {
            return TWILIO.validate("https://voice.sotto.test" + target, new String(body, UTF_8), given);
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static String sign(String url) {
        return TwilioSignature.sign(SECRET, url, Map.of());
    }

    private static Map<String, String> single(Map<String, List<String>> form) {
        return form.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().getFirst()));
    }

    private static Case sample(RandomGenerator random) {
        String configured = AUTHORITIES.get(random.nextInt(AUTHORITIES.size()));
        String signed = random.nextBoolean() ? configured : AUTHORITIES.get(random.nextInt(AUTHORITIES.size()));
        var form = new TreeMap<String, List<String>>();
        for (int i = random.nextInt(8); i > 0; i--) {
            form.put(word(random, 1), List.of(word(random, 0)));
        }
        // Their search for other ports decodes escapes in the query, so those are compared on equal authorities
        // only.
        String escape = signed.equals(configured) ? "%2B" : "b";
        String query = random.nextBoolean() ? "" : "?call=" + random.nextInt() + "&x=" + escape + random.nextInt(9);
        return new Case(configured, signed, "/twilio/" + random.nextInt(10) + query, form);
    }

    private static String word(RandomGenerator random, int least) {
        var word = new StringBuilder();
        for (int i = least + random.nextInt(12); i > 0; i--) {
            word.appendCodePoint("azAZ09 +&=%äß€\uD83D\uDE00".codePoints().toArray()[random.nextInt(15)]);
        }
        return word.toString();
    }
}
