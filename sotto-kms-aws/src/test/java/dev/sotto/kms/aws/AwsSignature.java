package dev.sotto.kms.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.testkit.HttpSimulator.Request;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// AWS Signature Version 4 as a server checks it, after AWS's description ("Create a signed AWS API request"), without
/// the SDK. For requests without a query.
final class AwsSignature {
    private static final Pattern AUTHORIZATION =
            Pattern.compile("AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)/([0-9]{8})/([a-z0-9-]+)/([a-z]+)/aws4_request, ?"
                    + "SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})");
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final Duration SKEW = Duration.ofMinutes(5);

    private AwsSignature() {}

    /// Whether the request is signed now, with that secret, for that region and service, over all that matters.
    static boolean holds(Request request, String accessKey, String secret, String region, String service) {
        var parts = AUTHORIZATION.matcher(request.header("authorization").orElse(""));
        var stamp = request.header("x-amz-date").orElse("");
        if (!parts.matches()
                || !parts.group(1).equals(accessKey)
                || !parts.group(3).equals(region)
                || !parts.group(4).equals(service)
                || !stamp.startsWith(parts.group(2))) {
            return false;
        }
        var signed = List.of(parts.group(5).split(";", -1));
        var skew = Duration.between(STAMP.parse(stamp, Instant::from), Instant.now())
                .abs();
        if (!signed.containsAll(List.of("host", "x-amz-date", "x-amz-target")) || skew.compareTo(SKEW) > 0) {
            return false;
        }
        var wanted =
                signature(canonical(request, signed), secret, stamp, parts.group(2) + "/" + region + "/" + service);
        return MessageDigest.isEqual(wanted.getBytes(UTF_8), parts.group(6).getBytes(UTF_8));
    }

    private static String canonical(Request request, List<String> signed) {
        var canonical = new StringBuilder()
                .append(request.method())
                .append('\n')
                .append(request.uri().getRawPath())
                .append("\n\n");
        for (var name : signed) {
            canonical
                    .append(name.toLowerCase(Locale.ROOT))
                    .append(':')
                    .append(request.header(name).orElse("").strip().replaceAll(" +", " "))
                    .append('\n');
        }
        return canonical
                .append('\n')
                .append(String.join(";", signed))
                .append('\n')
                .append(sha256(request.body()))
                .toString();
    }

    /// @param scope date, region and service
    static String signature(String canonicalRequest, String secret, String stamp, String scope) {
        var toSign = "AWS4-HMAC-SHA256\n%s\n%s/aws4_request\n%s"
                .formatted(stamp, scope, sha256(canonicalRequest.getBytes(UTF_8)));
        byte[] key = ("AWS4" + secret).getBytes(UTF_8);
        for (var part : scope.split("/", -1)) {
            key = mac(key, part);
        }
        return HexFormat.of().formatHex(mac(mac(key, "aws4_request"), toSign));
    }

    private static byte[] mac(byte[] key, String text) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(UTF_8));
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException(absent);
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException(absent);
        }
    }
}
