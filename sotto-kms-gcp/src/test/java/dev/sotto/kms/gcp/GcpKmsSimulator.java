package dev.sotto.kms.gcp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.testkit.HttpSimulator;
import dev.sotto.testkit.HttpSimulator.Answer;
import dev.sotto.testkit.HttpSimulator.Request;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Google Cloud KMS as far as wrapping needs it: encrypt and decrypt of symmetric keys with versions, associated data
/// and CRC32C checksums; and Google's token endpoint for one service account, which checks the signed assertion. Checks
/// method, path, token, content type and every checksum.
final class GcpKmsSimulator implements AutoCloseable {
    static final String ACCOUNT = "sotto@clinic-keys.iam.gserviceaccount.com";
    static final String PARENT = "projects/clinic-keys/locations/europe-west3/keyRings/sotto/cryptoKeys/";

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern PATH =
            Pattern.compile("/v1/(projects/.*/cryptoKeys/[A-Za-z0-9_-]+):(encrypt|decrypt)");
    private static final String SCOPE = "https://www.googleapis.com/auth/cloudkms";
    /// What Google's library signs for, wherever it then sends the assertion.
    private static final String AUDIENCE = "https://oauth2.googleapis.com/token";

    private static final int NONCE = 12;
    private static final int TAG = 16;

    private static final class Key {
        private final Map<Integer, byte[]> versions = new ConcurrentHashMap<>();
        private final AtomicInteger primary = new AtomicInteger();
        private volatile boolean disabled;
    }

    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Answer answer;

        Refusal(int status, String name) {
            super(name);
            this.answer = error(status, name);
        }
    }

    private final Map<String, Key> keys = new ConcurrentHashMap<>();
    private final Set<String> tokens = ConcurrentHashMap.newKeySet();
    private final KeyPair account;
    private final HttpSimulator http = HttpSimulator.http(this::answer);
    private final HttpSimulator tokenServer = HttpSimulator.http(this::token);
    private volatile UnaryOperator<ObjectNode> meddling = UnaryOperator.identity();

    GcpKmsSimulator() {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            account = generator.generateKeyPair();
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException(absent);
        }
    }

    /// A key with one version.
    ///
    /// @return its resource name
    String key(String id) {
        keys.put(PARENT + id, new Key());
        rotate(id);
        return PARENT + id;
    }

    void rotate(String id) {
        var key = keys.get(PARENT + id);
        byte[] secret = new byte[32];
        RANDOM.nextBytes(secret);
        key.versions.put(key.primary.get() + 1, secret);
        key.primary.incrementAndGet();
    }

    void disable(String id, boolean disabled) {
        keys.get(PARENT + id).disabled = disabled;
    }

    /// Changes each answer on its way, as a broken line would.
    void meddle(UnaryOperator<ObjectNode> with) {
        meddling = with;
    }

    /// As after the account's tokens were revoked.
    void forgetTokens() {
        tokens.clear();
    }

    HttpSimulator http() {
        return http;
    }

    HttpSimulator tokenServer() {
        return tokenServer;
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + http.port());
    }

    /// The account's key file, as Google's console gives it.
    Path keyFile(Path folder, KeyPair pair) throws IOException {
        var pem = "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
                .formatted(Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(pair.getPrivate().getEncoded()));
        var file = Files.createTempFile(folder, "account", ".json");
        return Files.writeString(
                file,
                JSON.writeValueAsString(Map.of(
                        "type", "service_account",
                        "project_id", "clinic-keys",
                        "private_key_id", "1",
                        "private_key", pem,
                        "client_email", ACCOUNT,
                        "client_id", "1",
                        "token_uri", tokenUri())));
    }

    KeyPair account() {
        return account;
    }

    static Answer error(int status, String name) {
        return Answer.json(
                status,
                "{\"error\":{\"code\":%d,\"message\":\"projects/clinic-keys and who asked\",\"status\":\"%s\"}}"
                        .formatted(status, name));
    }

    @Override
    public void close() {
        http.close();
        tokenServer.close();
    }

    private String tokenUri() {
        return "http://127.0.0.1:%d/token".formatted(tokenServer.port());
    }

    private Answer answer(Request request) {
        var path = PATH.matcher(request.uri().getRawPath());
        if (!request.method().equals("POST") || !path.matches()) {
            return error(404, "NOT_FOUND");
        }
        if (!tokens.contains(request.header("authorization").orElse("").replaceFirst("^Bearer ", ""))) {
            return error(401, "UNAUTHENTICATED");
        }
        if (!request.header("content-type").orElse("").startsWith("application/json")) {
            return error(400, "INVALID_ARGUMENT");
        }
        try {
            var asked = JSON.readTree(request.body());
            var answer =
                    path.group(2).equals("encrypt") ? encrypt(path.group(1), asked) : decrypt(path.group(1), asked);
            return Answer.json(200, JSON.writeValueAsString(meddling.apply(answer)));
        } catch (Refusal refusal) {
            return refusal.answer;
        }
    }

    private ObjectNode encrypt(String name, JsonNode asked) {
        only(asked, "plaintext", "plaintextCrc32c", "additionalAuthenticatedData", "additionalAuthenticatedDataCrc32c");
        var key = usable(name);
        int version = key.primary.get();
        byte[] nonce = new byte[NONCE];
        RANDOM.nextBytes(nonce);
        byte[] sealed = crypt(
                Cipher.ENCRYPT_MODE,
                key.versions.get(version),
                nonce,
                checked(asked, "additionalAuthenticatedData"),
                checked(asked, "plaintext"));
        byte[] ciphertext = ByteBuffer.allocate(Integer.BYTES + NONCE + sealed.length)
                .putInt(version)
                .put(nonce)
                .put(sealed)
                .array();
        return JSON.createObjectNode()
                .put("name", name + "/cryptoKeyVersions/" + version)
                .put("ciphertext", Base64.getEncoder().encodeToString(ciphertext))
                .put("ciphertextCrc32c", Long.toString(checksum(ciphertext)))
                .put("verifiedPlaintextCrc32c", true)
                .put("verifiedAdditionalAuthenticatedDataCrc32c", true)
                .put("protectionLevel", "HSM");
    }

    private ObjectNode decrypt(String name, JsonNode asked) {
        only(
                asked,
                "ciphertext",
                "ciphertextCrc32c",
                "additionalAuthenticatedData",
                "additionalAuthenticatedDataCrc32c");
        var key = usable(name);
        byte[] ciphertext = checked(asked, "ciphertext");
        if (ciphertext.length < Integer.BYTES + NONCE + TAG) {
            throw new Refusal(400, "INVALID_ARGUMENT");
        }
        byte[] secret = key.versions.get(ByteBuffer.wrap(ciphertext).getInt());
        if (secret == null) {
            throw new Refusal(400, "INVALID_ARGUMENT");
        }
        byte[] plaintext = crypt(
                Cipher.DECRYPT_MODE,
                secret,
                Arrays.copyOfRange(ciphertext, Integer.BYTES, Integer.BYTES + NONCE),
                checked(asked, "additionalAuthenticatedData"),
                Arrays.copyOfRange(ciphertext, Integer.BYTES + NONCE, ciphertext.length));
        return JSON.createObjectNode()
                .put("plaintext", Base64.getEncoder().encodeToString(plaintext))
                .put("plaintextCrc32c", Long.toString(checksum(plaintext)))
                .put("usedPrimary", true);
    }

    private Key usable(String name) {
        var key = keys.get(name);
        if (key == null) {
            throw new Refusal(404, "NOT_FOUND");
        }
        if (key.disabled) {
            throw new Refusal(400, "FAILED_PRECONDITION");
        }
        return key;
    }

    private static byte[] crypt(int mode, byte[] secret, byte[] nonce, byte[] associatedData, byte[] text) {
        try {
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, new SecretKeySpec(secret, "AES"), new GCMParameterSpec(Byte.SIZE * TAG, nonce));
            cipher.updateAAD(associatedData);
            return cipher.doFinal(text);
        } catch (GeneralSecurityException altered) {
            throw new Refusal(400, "INVALID_ARGUMENT");
        }
    }

    /// The bytes of a field whose checksum holds.
    private static byte[] checked(JsonNode asked, String field) {
        byte[] bytes = Base64.getDecoder()
                .decode(asked.path(field).asString().replace('-', '+').replace('_', '/'));
        if (!asked.path(field + "Crc32c").asString().equals(Long.toString(checksum(bytes)))) {
            throw new Refusal(400, "INVALID_ARGUMENT");
        }
        return bytes;
    }

    private static void only(JsonNode asked, String... fields) {
        if (!asked.propertyNames().stream().collect(Collectors.toSet()).equals(Set.of(fields))) {
            throw new Refusal(400, "INVALID_ARGUMENT");
        }
    }

    private static long checksum(byte[] bytes) {
        var checksum = new CRC32C();
        checksum.update(bytes);
        return checksum.getValue();
    }

    /// RFC 7523: a token for an assertion that the account signed, for this endpoint, this scope and now.
    private Answer token(Request request) {
        var form = Arrays.stream(request.text().split("&", -1))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> URLDecoder.decode(pair[1], UTF_8)));
        var parts = List.of(form.getOrDefault("assertion", "").split("\\.", -1));
        if (!request.method().equals("POST")
                || !request.uri().getPath().equals("/token")
                || !"urn:ietf:params:oauth:grant-type:jwt-bearer".equals(form.get("grant_type"))
                || parts.size() != 3) {
            return noToken("form of " + form.keySet());
        }
        if (!signed(parts)) {
            return noToken("signature");
        }
        var claims = JSON.readTree(Base64.getUrlDecoder().decode(parts.get(1)));
        long now = Instant.now().getEpochSecond();
        if (!claims.path("iss").asString().equals(ACCOUNT)
                || !claims.path("aud").asString().equals(AUDIENCE)
                || !claims.path("scope").asString().equals(SCOPE)
                || claims.path("exp").asLong() <= now
                || claims.path("exp").asLong() > now + Duration.ofMinutes(61).toSeconds()) {
            return noToken("claims " + claims.toString().replace('"', '\''));
        }
        var token = "ya29." + UUID.randomUUID();
        tokens.add(token);
        return Answer.json(
                200, "{\"access_token\":\"%s\",\"expires_in\":3600,\"token_type\":\"Bearer\"}".formatted(token));
    }

    private static Answer noToken(String why) {
        return Answer.json(400, "{\"error\":\"invalid_grant\",\"error_description\":\"%s\"}".formatted(why));
    }

    private boolean signed(List<String> parts) {
        try {
            var signature = Signature.getInstance("SHA256withRSA");
            signature.initVerify(account.getPublic());
            signature.update((parts.get(0) + "." + parts.get(1)).getBytes(US_ASCII));
            return signature.verify(Base64.getUrlDecoder().decode(parts.get(2)));
        } catch (GeneralSecurityException malformed) {
            return false;
        }
    }
}
