package dev.sotto.kms.vault;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;

/// Keys of the simulator and what is done with them. A key of a context is derived by HKDF-SHA-256. An encryption under
/// an absent key makes one, as the real engine does for a token that may create.
final class TransitEngine {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Map<String, Key> keys = new ConcurrentHashMap<>();

    /// An HTTP status and a JSON object.
    record Reply(int status, Map<String, Object> body) {}

    private static final class Key {
        private final List<byte[]> versions = new ArrayList<>();
        private final Map<String, Object> description = new HashMap<>();
        private int oldestThatOpens = 1;
    }

    void create(String name, boolean derived) {
        var key = new Key();
        key.description.putAll(Map.of(
                "name", name,
                "type", "aes256-gcm96",
                "derived", derived,
                "exportable", false,
                "allow_plaintext_backup", false,
                "deletion_allowed", false,
                "supports_encryption", true));
        keys.put(name, key);
        rotate(name);
    }

    /// Changes what the engine says of the key.
    void describe(String name, String field, Object value) {
        keys.get(name).description.put(field, value);
    }

    void rotate(String name) {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        keys.get(name).versions.add(bytes);
    }

    void refuseBelow(String name, int version) {
        keys.get(name).oldestThatOpens = version;
    }

    void delete(String name) {
        keys.remove(name);
    }

    boolean has(String name) {
        return keys.containsKey(name);
    }

    boolean isDerived(String name) {
        var key = keys.get(name);
        return key != null && Boolean.TRUE.equals(key.description.get("derived"));
    }

    Reply describe(String name) {
        var key = keys.get(name);
        if (key == null) {
            return new Reply(404, Map.of("errors", List.of()));
        }
        var data = new HashMap<>(key.description);
        data.put("latest_version", key.versions.size());
        data.put("min_decryption_version", key.oldestThatOpens);
        return new Reply(200, Map.of("data", data));
    }

    Reply encrypt(String name, JsonNode request) {
        if (!keys.containsKey(name)) {
            create(name, request.has("context"));
        }
        return sealed(name, bytes(request, "plaintext"), request);
    }

    Reply decrypt(String name, JsonNode request) {
        byte[] plain = opened(name, request);
        if (plain.length == 0) {
            return refused("cipher: message authentication failed");
        }
        return new Reply(
                200, Map.of("data", Map.of("plaintext", Base64.getEncoder().encodeToString(plain))));
    }

    /// Takes no associated data, so that it refuses what was sealed with some.
    Reply rewrap(String name, JsonNode request) {
        byte[] plain = opened(name, request);
        return plain.length == 0 ? refused("cipher: message authentication failed") : sealed(name, plain, request);
    }

    private Reply sealed(String name, byte[] plain, JsonNode request) {
        var key = keys.get(name);
        if (isDerived(name) && !request.has("context")) {
            return refused("missing 'context' for key derivation");
        }
        try {
            byte[] nonce = new byte[12];
            RANDOM.nextBytes(nonce);
            int version = key.versions.size();
            var cipher = cipher(Cipher.ENCRYPT_MODE, name, version, request, nonce);
            byte[] sealed = cipher.doFinal(plain);
            byte[] whole = Arrays.copyOf(nonce, 12 + sealed.length);
            System.arraycopy(sealed, 0, whole, 12, sealed.length);
            var text = "vault:v%d:%s".formatted(version, Base64.getEncoder().encodeToString(whole));
            return new Reply(200, Map.of("data", Map.of("ciphertext", text, "key_version", version)));
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException(broken);
        }
    }

    /// Empty if it does not open.
    private byte[] opened(String name, JsonNode request) {
        var key = keys.get(name);
        var parts = request.path("ciphertext").asString().split(":", 3);
        if (key == null || parts.length != 3 || !parts[0].equals("vault")) {
            return new byte[0];
        }
        int version = Integer.parseInt(parts[1].substring(1));
        byte[] whole = Base64.getDecoder().decode(parts[2].getBytes(US_ASCII));
        if (version < key.oldestThatOpens || version > key.versions.size() || whole.length < 28) {
            return new byte[0];
        }
        try {
            var cipher = cipher(Cipher.DECRYPT_MODE, name, version, request, Arrays.copyOf(whole, 12));
            return cipher.doFinal(whole, 12, whole.length - 12);
        } catch (AEADBadTagException altered) {
            return new byte[0];
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private Cipher cipher(int mode, String name, int version, JsonNode request, byte[] nonce)
            throws GeneralSecurityException {
        SecretKey key = new SecretKeySpec(keys.get(name).versions.get(version - 1), "AES");
        if (isDerived(name)) {
            key = KDF.getInstance("HKDF-SHA256")
                    .deriveKey(
                            "AES", HKDFParameterSpec.ofExtract().addIKM(key).thenExpand(bytes(request, "context"), 32));
        }
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(128, nonce));
        cipher.updateAAD(bytes(request, "associated_data"));
        return cipher;
    }

    static Reply refused(String why) {
        return new Reply(400, Map.of("errors", List.of(why)));
    }

    private static byte[] bytes(JsonNode request, String field) {
        return request.has(field)
                ? Base64.getDecoder().decode(request.path(field).asString())
                : new byte[0];
    }
}
