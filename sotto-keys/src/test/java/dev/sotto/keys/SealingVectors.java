package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SealContext;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Makes `docs/spec/vectors/sealing.json` from fixed inputs, the way the code seals. The same inputs always give the
/// same text.
final class SealingVectors {
    static final TenantId TENANT = new TenantId(UUID.fromString("01940000-0000-7000-8000-000000000001"));
    static final CallId CALL = new CallId(UUID.fromString("01940000-0000-7000-8000-000000000002"));
    static final SubjectId SUBJECT = new SubjectId(UUID.fromString("01940000-0000-7000-8000-000000000003"));
    static final UUID TENANT_KEY = UUID.fromString("01940000-0000-7000-8000-00000000000a");
    static final UUID CLASS_KEY = UUID.fromString("01940000-0000-7000-8000-00000000000b");
    static final UUID RECORD_KEY = UUID.fromString("01940000-0000-7000-8000-00000000000c");
    static final UUID PURPOSE_KEY = UUID.fromString("01940000-0000-7000-8000-00000000000d");

    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] ROOT = filled(0x10);
    private static final byte[] TENANT_BYTES = filled(0x20);
    private static final byte[] CLASS_BYTES = filled(0x30);
    private static final byte[] RECORD_BYTES = filled(0x40);
    private static final byte[] PURPOSE_BYTES = filled(0x50);
    private static final byte[] SALT = Arrays.copyOf(filled(0x60), Cobblestone.SALT_LENGTH);
    private static final int[] STREAM_LENGTHS = {0, 1, 16383, 16384, 16385, 32768, 40000};
    private static final int WHOLE_STREAM = 16384 + 100;

    private SealingVectors() {}

    static String generate() {
        var root = JsonMapper.shared().createObjectNode();
        root.put(
                "about",
                "Known answers of docs/spec/sealing.md. Bytes are hex unless the name says base64. Every key,"
                        + " salt and id is made up; never use one. Written by SealingVectors, read by SealingVectorsTest.");
        root.put("formatVersion", 1);
        wraps(root.putArray("wraps"));
        fields(root.putArray("fields"));
        streams(root.putArray("streams"));
        macs(root);
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    }

    private static void wraps(ArrayNode wraps) {
        var recordSlot = ErasableSlot.of(TENANT, DataClass.RECORDING, new KeyOwner.OfCall(CALL), KeyTier.PRIMARY);
        wrap(
                wraps.addObject(),
                "tenant key under the root key",
                ROOT,
                TENANT_BYTES,
                EncryptionContext.of(KeySlot.tenant(TENANT, KeyTier.PRIMARY), 1, TENANT_KEY));
        wrap(
                wraps.addObject(),
                "class key under the tenant key",
                TENANT_BYTES,
                CLASS_BYTES,
                EncryptionContext.of(KeySlot.dataClass(TENANT, DataClass.RECORDING, KeyTier.PRIMARY), 1, CLASS_KEY));
        wrap(
                wraps.addObject(),
                "record key under the class key",
                CLASS_BYTES,
                RECORD_BYTES,
                EncryptionContext.of(recordSlot, 1, RECORD_KEY));
        wrap(
                wraps.addObject(),
                "purpose key under the tenant key",
                TENANT_BYTES,
                PURPOSE_BYTES,
                EncryptionContext.of(KeySlot.purpose(TENANT, "blind-index/identity", KeyTier.PRIMARY), 1, PURPOSE_KEY));
        wrap(
                wraps.addObject(),
                "node secret under the root key",
                ROOT,
                filled(0x70),
                EncryptionContext.ofSecret("node-secret"));
    }

    private static void wrap(ObjectNode to, String name, byte[] kek, byte[] key, EncryptionContext context) {
        to.put("name", name);
        to.putObject("context")
                .put("level", context.level().code())
                .put("tenant", context.tenant().toString())
                .put("name", context.name())
                .put("owner", context.owner())
                .put("version", context.version())
                .put("tier", context.tier().code())
                .put("keyId", context.keyId().toString());
        to.put("associatedData", HEX.formatHex(context.associatedData()));
        to.put("kek", HEX.formatHex(kek));
        to.put("key", HEX.formatHex(key));
        to.put("salt", HEX.formatHex(SALT));
        to.put(
                "wrapped",
                HEX.formatHex(Wrapping.wrap(DataKey.copyOf(kek), DataKey.copyOf(key), context, new FixedRandom(SALT))));
    }

    private static void fields(ArrayNode fields) {
        var context =
                new SealContext(TENANT, DataClass.RECORDING, new KeyOwner.OfCall(CALL), "turn", "turn-1", "text", 3);
        for (var text : new String[] {"", "my number is 555 0100", "Größe: 🎧"}) {
            var to = fields.addObject();
            sealed(to, context, text.getBytes(UTF_8));
            to.put("plaintext", HEX.formatHex(text.getBytes(UTF_8)));
            to.put("sealed", HEX.formatHex(seal(context, text.getBytes(UTF_8))));
        }
    }

    private static void streams(ArrayNode streams) {
        var context = new SealContext(
                TENANT, DataClass.RECORDING, new KeyOwner.OfCall(CALL), "recording", CALL.toString(), "audio", 0);
        for (int length : STREAM_LENGTHS) {
            var to = streams.addObject();
            sealed(to, context, audio(length));
            to.put("plaintextLength", length);
            to.put("plaintextRule", "byte i is (7 * i + i / 256) mod 256");
            to.put("sealedLength", seal(context, audio(length)).length);
            to.put("sealedSha256", sha256(seal(context, audio(length))));
        }
        var whole = streams.addObject();
        sealed(whole, context, audio(WHOLE_STREAM));
        whole.put("plaintextLength", WHOLE_STREAM);
        whole.put("plaintextRule", "byte i is (7 * i + i / 256) mod 256");
        whole.put("sealedLength", seal(context, audio(WHOLE_STREAM)).length);
        whole.put("sealedSha256", sha256(seal(context, audio(WHOLE_STREAM))));
        whole.put("sealedBase64", Base64.getEncoder().encodeToString(seal(context, audio(WHOLE_STREAM))));
    }

    private static void sealed(ObjectNode to, SealContext context, byte[] plaintext) {
        to.put("plaintextSha256", sha256(plaintext));
        to.putObject("context")
                .put("tenant", context.tenant().toString())
                .put("dataClass", context.dataClass().code())
                .put("recordType", context.recordType())
                .put("recordId", context.recordId())
                .put("field", context.field())
                .put("rowVersion", context.rowVersion());
        to.put("associatedData", HEX.formatHex(context.associatedData()));
        to.put("recordKeyId", RECORD_KEY.toString());
        to.put("recordKey", HEX.formatHex(RECORD_BYTES));
        to.put("salt", HEX.formatHex(SALT));
    }

    private static void macs(ObjectNode root) {
        var index = root.putArray("blindIndexes");
        for (var parts : new String[][] {{"1984-05-12", "4417"}, {"1984-05-1", "24417"}, {"+15550104417"}}) {
            var to = index.addObject();
            to.put("key", HEX.formatHex(PURPOSE_BYTES));
            to.put("purpose", "identity");
            var list = to.putArray("parts");
            Arrays.stream(parts).forEach(list::add);
            byte[] mac = PurposeMac.mac(PURPOSE_BYTES, BlindIndex.message("identity", parts));
            to.put("hash", HEX.formatHex(mac, 0, BlindIndex.LENGTH));
        }
        var subject = root.putArray("subjectHashes").addObject();
        subject.put("key", HEX.formatHex(PURPOSE_BYTES));
        subject.put("subject", SUBJECT.value().toString());
        subject.put("hash", HEX.formatHex(PurposeMac.mac(PURPOSE_BYTES, KeyedSubjectHasher.message(SUBJECT))));
    }

    /// As [FieldSealer] and [SealedWriter] do, with a fixed salt.
    private static byte[] seal(SealContext context, byte[] plaintext) {
        byte[] message = Cobblestone.sealMessage(RECORD_BYTES, SALT, context.associatedData(), plaintext);
        return ByteBuffer.allocate(SealedHeader.LENGTH + message.length)
                .put(SealedHeader.of(RECORD_KEY))
                .put(message)
                .array();
    }

    static byte[] audio(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (7 * i + i / 256);
        }
        return bytes;
    }

    private static byte[] filled(int start) {
        byte[] bytes = new byte[DataKey.LENGTH];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (start + i);
        }
        return bytes;
    }

    static String sha256(byte[] bytes) {
        try {
            return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException absent) {
            throw new AssertionError(absent);
        }
    }
}
