package dev.sotto.kms.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.testkit.HttpSimulator;
import dev.sotto.testkit.HttpSimulator.Answer;
import dev.sotto.testkit.HttpSimulator.Request;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// AWS KMS of one region, as far as wrapping needs it: Encrypt, Decrypt, ReEncrypt and GenerateDataKey of symmetric
/// keys with an encryption context, aliases, key states and replicas. Checks method, path, target, content type and
/// signature of each request.
final class AwsKmsSimulator implements AutoCloseable {
    static final String ACCOUNT = "111122223333";
    static final String ACCESS_KEY = "AKIDEXAMPLE";
    static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final JsonMapper JSON = new JsonMapper();
    private static final int NONCE = 12;
    private static final int TAG = 16;
    private static final int ID = 36;

    /// What all regions know: key material by id. A multi-Region key has the same in each of its regions.
    static final class Material {
        private final Map<String, byte[]> secrets = new ConcurrentHashMap<>();

        byte[] of(String id) {
            return secrets.computeIfAbsent(id, _ -> {
                byte[] secret = new byte[32];
                RANDOM.nextBytes(secret);
                return secret;
            });
        }
    }

    /// How AWS says no.
    static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String code;

        Refusal(String code) {
            super(code);
            this.code = code;
        }
    }

    private final String region;
    private final Material material;
    private final Map<String, String> states = new ConcurrentHashMap<>();
    private final Map<String, String> aliases = new ConcurrentHashMap<>();
    private final HttpSimulator http = HttpSimulator.http(this::answer);

    AwsKmsSimulator(String region, Material material) {
        this.region = region;
        this.material = material;
    }

    /// A key of this region, enabled.
    ///
    /// @return its ARN
    String key(String id) {
        states.put(id, "Enabled");
        return arn(id);
    }

    void alias(String name, String id) {
        aliases.put("alias/" + name, id);
    }

    /// `Enabled`, `Disabled` or `PendingDeletion`.
    void state(String id, String state) {
        states.put(id, state);
    }

    HttpSimulator http() {
        return http;
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + http.port());
    }

    /// The operations that were asked for, in order.
    List<String> targets() {
        return http.requests().stream()
                .map(request -> request.header("x-amz-target").orElse("").replace("TrentService.", ""))
                .toList();
    }

    static Answer error(int status, String code) {
        return new Answer(
                status,
                Map.of("Content-Type", "application/x-amz-json-1.1", "x-amzn-RequestId", "00000000"),
                "{\"__type\":\"%s\",\"message\":\"arn:aws:kms and who asked\"}".formatted(code));
    }

    @Override
    public void close() {
        http.close();
    }

    private Answer answer(Request request) {
        if (!request.method().equals("POST")
                || !request.uri().toString().equals("/")
                || !request.header("content-type").orElse("").equals("application/x-amz-json-1.1")) {
            return error(404, "UnknownOperationException");
        }
        if (!AwsSignature.holds(request, ACCESS_KEY, SECRET, region, "kms")) {
            return error(400, "InvalidSignatureException");
        }
        var asked = JSON.readTree(request.body());
        try {
            return new Answer(
                    200,
                    Map.of("Content-Type", "application/x-amz-json-1.1"),
                    switch (request.header("x-amz-target").orElse("")) {
                        case "TrentService.Encrypt" -> encrypt(asked);
                        case "TrentService.Decrypt" -> decrypt(asked);
                        case "TrentService.ReEncrypt" -> reEncrypt(asked);
                        case "TrentService.GenerateDataKey" -> generate(asked);
                        default -> throw new Refusal("UnknownOperationException");
                    });
        } catch (Refusal refusal) {
            return error(400, refusal.code);
        }
    }

    private String encrypt(JsonNode asked) {
        only(asked, "KeyId", "Plaintext", "EncryptionContext");
        var id = usable(text(asked, "KeyId"));
        byte[] blob = seal(id, bytes(asked, "Plaintext"), context(asked, "EncryptionContext"));
        return JSON.writeValueAsString(
                Map.of("CiphertextBlob", blob, "EncryptionAlgorithm", "SYMMETRIC_DEFAULT", "KeyId", arn(id)));
    }

    private String decrypt(JsonNode asked) {
        only(asked, "KeyId", "CiphertextBlob", "EncryptionContext");
        var id = usable(text(asked, "KeyId"));
        byte[] plaintext = open(id, bytes(asked, "CiphertextBlob"), context(asked, "EncryptionContext"));
        return JSON.writeValueAsString(
                Map.of("Plaintext", plaintext, "EncryptionAlgorithm", "SYMMETRIC_DEFAULT", "KeyId", arn(id)));
    }

    private String reEncrypt(JsonNode asked) {
        only(
                asked,
                "SourceKeyId",
                "SourceEncryptionContext",
                "CiphertextBlob",
                "DestinationKeyId",
                "DestinationEncryptionContext");
        var from = usable(text(asked, "SourceKeyId"));
        var to = usable(text(asked, "DestinationKeyId"));
        byte[] plaintext = open(from, bytes(asked, "CiphertextBlob"), context(asked, "SourceEncryptionContext"));
        byte[] blob = seal(to, plaintext, context(asked, "DestinationEncryptionContext"));
        return JSON.writeValueAsString(Map.of("CiphertextBlob", blob, "KeyId", arn(to), "SourceKeyId", arn(from)));
    }

    private String generate(JsonNode asked) {
        only(asked, "KeyId", "KeySpec", "EncryptionContext");
        if (!text(asked, "KeySpec").equals("AES_256")) {
            throw new Refusal("ValidationException");
        }
        var id = usable(text(asked, "KeyId"));
        byte[] plaintext = new byte[32];
        RANDOM.nextBytes(plaintext);
        byte[] blob = seal(id, plaintext, context(asked, "EncryptionContext"));
        return JSON.writeValueAsString(Map.of("Plaintext", plaintext, "CiphertextBlob", blob, "KeyId", arn(id)));
    }

    /// The id of an enabled key.
    private String usable(String name) {
        var prefix = "arn:aws:kms:%s:%s:".formatted(region, ACCOUNT);
        if (!name.startsWith(prefix)) {
            throw new Refusal("NotFoundException");
        }
        var resource = name.substring(prefix.length());
        var id = resource.startsWith("alias/") ? aliases.get(resource) : resource.substring("key/".length());
        var state = id == null ? null : states.get(id);
        return switch (state) {
            case null -> throw new Refusal("NotFoundException");
            case "Enabled" -> id;
            case "Disabled" -> throw new Refusal("DisabledException");
            default -> throw new Refusal("KMSInvalidStateException");
        };
    }

    private String arn(String id) {
        return "arn:aws:kms:%s:%s:key/%s".formatted(region, ACCOUNT, id);
    }

    private byte[] seal(String id, byte[] plaintext, byte[] context) {
        byte[] nonce = new byte[NONCE];
        RANDOM.nextBytes(nonce);
        byte[] sealed = crypt(Cipher.ENCRYPT_MODE, id, nonce, context, plaintext);
        return ByteBuffer.allocate(ID + NONCE + sealed.length)
                .put(id.getBytes(UTF_8))
                .put(nonce)
                .put(sealed)
                .array();
    }

    private byte[] open(String id, byte[] blob, byte[] context) {
        if (blob.length < ID + NONCE + TAG) {
            throw new Refusal("InvalidCiphertextException");
        }
        var inside = new String(blob, 0, ID, UTF_8);
        if (!inside.equals(id)) {
            throw new Refusal(states.containsKey(inside) ? "IncorrectKeyException" : "InvalidCiphertextException");
        }
        byte[] nonce = Arrays.copyOfRange(blob, ID, ID + NONCE);
        return crypt(Cipher.DECRYPT_MODE, id, nonce, context, Arrays.copyOfRange(blob, ID + NONCE, blob.length));
    }

    private byte[] crypt(int mode, String id, byte[] nonce, byte[] context, byte[] text) {
        try {
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, new SecretKeySpec(material.of(id), "AES"), new GCMParameterSpec(Byte.SIZE * TAG, nonce));
            cipher.updateAAD(context);
            return cipher.doFinal(text);
        } catch (GeneralSecurityException altered) {
            throw new Refusal("InvalidCiphertextException");
        }
    }

    private static byte[] context(JsonNode asked, String field) {
        if (!asked.path(field).isObject() || asked.path(field).isEmpty()) {
            throw new Refusal("ValidationException");
        }
        var sorted = new TreeMap<String, String>();
        asked.path(field).properties().forEach(pair -> {
            if (!pair.getValue().isString() || pair.getValue().asString().isEmpty()) {
                throw new Refusal("ValidationException");
            }
            sorted.put(pair.getKey(), pair.getValue().asString());
        });
        return JSON.writeValueAsBytes(sorted);
    }

    private static void only(JsonNode asked, String... fields) {
        var found = asked.propertyNames().stream().collect(Collectors.toSet());
        if (!found.equals(Set.of(fields))) {
            throw new Refusal("ValidationException");
        }
    }

    private static String text(JsonNode asked, String field) {
        if (!asked.path(field).isString()) {
            throw new Refusal("ValidationException");
        }
        return asked.path(field).asString();
    }

    private static byte[] bytes(JsonNode asked, String field) {
        return Base64.getDecoder().decode(text(asked, field));
    }
}
