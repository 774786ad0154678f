package dev.sotto.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.RejectedException;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/// A public key with the name and id that signature lines carry. C2SP signed-note, "Verifier keys".
record VerifierKey(String name, int id, SignatureType type, PublicKey key) {
    private static final int PARTS = 3;
    private static final int ID_DIGITS = 8;

    static VerifierKey of(String name, SignatureType type, PublicKey key) {
        return new VerifierKey(name, idOf(name, type, type.rawPublicKey(key)), type, key);
    }

    static VerifierKey parse(String vkey) {
        // Base64 may hold a plus too.
        String[] parts = vkey.split("\\+", PARTS);
        if (parts.length != PARTS || !Checkpoint.isOrigin(parts[0]) || parts[1].length() != ID_DIGITS) {
            throw malformed("must be a name, 8 hex digits and base64, joined by plus");
        }
        byte[] material = SignedNote.decodeBase64(parts[2]).orElseThrow(() -> malformed("base64 is wrong"));
        if (material.length < 1) {
            throw malformed("base64 is empty");
        }
        SignatureType type = SignatureType.of(material[0])
                .orElseThrow(() -> malformed("signature type (%d) must be 1 or 6".formatted(material[0] & 0xff)));
        byte[] raw = Arrays.copyOfRange(material, 1, material.length);
        int id = idOf(parts[0], type, raw);
        if (!parts[1].equals(HexFormat.of().toHexDigits(id))) {
            throw malformed("key id does not belong to the key");
        }
        return new VerifierKey(parts[0], id, type, type.publicKey(raw));
    }

    private static int idOf(String name, SignatureType type, byte[] raw) {
        byte[] hash = MerkleTree.sha256(name.getBytes(UTF_8), new byte[] {'\n', type.identifier()}, raw);
        return (hash[0] & 0xff) << 24 | (hash[1] & 0xff) << 16 | (hash[2] & 0xff) << 8 | (hash[3] & 0xff);
    }

    String vkey() {
        byte[] raw = type.rawPublicKey(key);
        byte[] material = new byte[raw.length + 1];
        material[0] = type.identifier();
        System.arraycopy(raw, 0, material, 1, raw.length);
        return name + "+" + HexFormat.of().toHexDigits(id) + "+"
                + Base64.getEncoder().encodeToString(material);
    }

    private static RejectedException malformed(String rule) {
        return new RejectedException(AuditError.AUDIT_KEY, "verifier key: " + rule);
    }
}
