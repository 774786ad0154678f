package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SealContext;
import dev.sotto.core.TenantId;
import dev.sotto.testkit.FakeMeter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Holds the header of section 8 of `docs/spec/sealing.md` to its vectors. `-Dsotto.golden.update=true` writes them
/// anew.
class BackupVectorsTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final KeyUri ROOT = new KeyUri("vector:backup");
    private static final int FIXED = 43;

    @BeforeAll
    static void update() throws IOException {
        if (Boolean.getBoolean("sotto.golden.update")) {
            Files.writeString(file(), JSON.writeValueAsString(generate()) + "\n");
        }
    }

    private static JsonNode vectors() throws IOException {
        return JSON.readTree(Files.readString(file()));
    }

    private static byte[] hex(JsonNode vector, String field) {
        return HEX.parseHex(vector.get(field).asString());
    }

    @Test
    void file_isWhatTheCodeWrites() throws IOException {
        assertThat(vectors()).isEqualTo(generate());
    }

    @Test
    void backups_openWithTheirRootKey_toTheirItems() throws Exception {
        for (var vector : vectors().get("backups")) {
            byte[] bytes = hex(vector, "file");
            var header = BackupFile.header(new MemoryChannel(bytes));

            assertThat(header.id()).hasToString(vector.get("id").asString());
            assertThat(header.at()).isEqualTo(Instant.parse(vector.get("begun").asString()));
            assertThat(header.expires())
                    .isEqualTo(Instant.parse(vector.get("refusedFrom").asString()));
            try (var kms = new VectorKms(hex(vector, "rootKey"));
                    var items = BackupFile.open(kms, new MemoryChannel(bytes), new Refusals(new FakeMeter()))) {
                items.check();
                assertThat(items.next())
                        .isEqualTo(new BackupItem.End(vector.get("tenants").asLong()));
            }
        }
    }

    /// By the offsets and contexts of the specification, with none of the code that reads backups.
    @Test
    void headers_areLaidOutAndBoundAsSpecified() throws Exception {
        for (var vector : vectors().get("backups")) {
            var in = ByteBuffer.wrap(hex(vector, "file"));
            byte[] magic = new byte[8];
            in.get(magic);
            assertThat(magic).isEqualTo("SOTTOBKK".getBytes(US_ASCII));
            assertThat(in.get()).isEqualTo((byte) 1);
            var id = new UUID(in.getLong(), in.getLong());
            assertThat(id).hasToString(vector.get("id").asString());
            long begun = in.getLong();
            long refusedFrom = in.getLong();
            assertThat(begun)
                    .isEqualTo(Instant.parse(vector.get("begun").asString()).toEpochMilli());
            assertThat(refusedFrom)
                    .isEqualTo(
                            Instant.parse(vector.get("refusedFrom").asString()).toEpochMilli());
            byte[] wrapped = new byte[Short.toUnsignedInt(in.getShort())];
            assertThat(in.position()).isEqualTo(FIXED);
            in.get(wrapped);
            byte[] stream = new byte[in.remaining()];
            in.get(stream);

            var context = new SealContext(
                    TenantId.OPERATOR,
                    DataClass.BACKUP,
                    new KeyOwner.OfTenant(TenantId.OPERATOR),
                    "key-backup",
                    "%s/%d/%d".formatted(id, begun, refusedFrom),
                    "keys",
                    0);
            assertThat(context.associatedData()).isEqualTo(hex(vector, "streamAssociatedData"));
            var keyContext = EncryptionContext.of(
                    FieldSealer.slot(context, KeyTier.BACKUP),
                    1,
                    UUID.fromString(vector.get("keyId").asString()));
            assertThat(keyContext.associatedData()).isEqualTo(hex(vector, "keyAssociatedData"));
            try (var kms = new VectorKms(hex(vector, "rootKey"));
                    var key = kms.unwrap(WrappedKey.decode(wrapped), keyContext)) {
                assertThat(key.reveal()).isEqualTo(hex(vector, "fileKey"));
                byte[] message = Arrays.copyOfRange(stream, SealedHeader.LENGTH, stream.length);
                assertThat(Cobblestone.openMessage(key.reveal(), context.associatedData(), message))
                        .isEqualTo(hex(vector, "items"));
            }
        }
    }

    private static JsonNode generate() throws IOException {
        var root = JSON.createObjectNode();
        root.put("about", "docs/spec/sealing.md, section 8. The keys are made up and protect nothing.");
        var backups = root.putArray("backups");
        add(backups.addObject(), 1, Instant.parse("2026-03-01T09:30:00Z"), Instant.parse("2026-03-31T09:30:00Z"), 0);
        add(
                backups.addObject(),
                2,
                Instant.parse("2031-12-31T23:59:59.999Z"),
                Instant.parse("2032-01-02T23:59:59.999Z"),
                65_537);
        return root;
    }

    private static void add(ObjectNode to, int number, Instant begun, Instant refusedFrom, long tenants)
            throws IOException {
        byte[] rootKey = counting(number, DataKey.LENGTH);
        byte[] seed = counting(0x80 + number, 32);
        var header = new BackupFile.Header(new UUID(number, 0x0102030405060708L * number), begun, refusedFrom);
        var out = new MemoryChannel();
        var random = new FixedRandom(seed);
        try (var kms = new VectorKms(rootKey);
                var writer = BackupFile.create(kms, ROOT, header, random, out)) {
            writer.put(new BackupItem.End(tenants));
            writer.finish();
        }
        byte[] file = out.content();
        int wrappedLength = Short.toUnsignedInt(ByteBuffer.wrap(file).getShort(FIXED - 2));
        var keyId = new UUID(random.nextLong(), random.nextLong());
        var context = new SealContext(
                TenantId.OPERATOR,
                DataClass.BACKUP,
                new KeyOwner.OfTenant(TenantId.OPERATOR),
                "key-backup",
                "%s/%d/%d".formatted(header.id(), begun.toEpochMilli(), refusedFrom.toEpochMilli()),
                "keys",
                0);
        var keyContext = EncryptionContext.of(FieldSealer.slot(context, KeyTier.BACKUP), 1, keyId);
        var items = ByteBuffer.allocate(9).put((byte) 'Z').putLong(tenants);
        to.put("id", header.id().toString())
                .put("begun", begun.toString())
                .put("refusedFrom", refusedFrom.toString())
                .put("tenants", Math.toIntExact(tenants))
                .put("rootKey", HEX.formatHex(rootKey))
                .put("rootKeyUri", ROOT.text())
                .put("keyId", keyId.toString())
                .put("fileKey", HEX.formatHex(seed))
                .put("keyAssociatedData", HEX.formatHex(keyContext.associatedData()))
                .put("streamAssociatedData", HEX.formatHex(context.associatedData()))
                .put("fixed", HEX.formatHex(file, 0, FIXED))
                .put("wrappedKey", HEX.formatHex(file, FIXED, FIXED + wrappedLength))
                .put("items", HEX.formatHex(items.array()))
                .put("file", HEX.formatHex(file));
    }

    private static byte[] counting(int from, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (from + i);
        }
        return bytes;
    }

    /// Wraps as the local key store does, under one given root key.
    private record VectorKms(DataKey root, SecureRandom random) implements Kms {
        VectorKms(byte[] key) {
            this(DataKey.copyOf(key), new FixedRandom(new byte[] {7}));
        }

        @Override
        public String scheme() {
            return ROOT.scheme();
        }

        @Override
        public WrappedKey wrap(KeyUri kek, DataKey key, EncryptionContext context) {
            return WrappedKey.of(kek, Wrapping.wrap(root, key, context, random));
        }

        @Override
        public DataKey unwrap(WrappedKey wrapped, EncryptionContext context) {
            return Wrapping.unwrap(root, wrapped.bytes(), context);
        }

        @Override
        public void close() {
            root.close();
        }
    }

    private static Path file() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isRegularFile(at.resolve("mvnw"))) {
                return at.resolve("docs/spec/vectors/backup.json");
            }
        }
        throw new AssertionError("tests must run inside the project");
    }
}
