package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SealContext;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Holds `docs/spec/sealing.md` to its vectors. `-Dsotto.golden.update=true` writes them anew.
class SealingVectorsTest {
    private static final boolean UPDATE = Boolean.getBoolean("sotto.golden.update");
    private static final HexFormat HEX = HexFormat.of();
    private static final Path FOLDER = folder();

    @BeforeAll
    static void update(@TempDir Path temporary) throws IOException {
        if (UPDATE) {
            Files.createDirectories(FOLDER);
            Files.writeString(FOLDER.resolve("sealing.json"), SealingVectors.generate());
            if (Files.notExists(FOLDER.resolve("keystore.json"))) {
                Files.writeString(FOLDER.resolve("keystore.json"), newKeyStore(temporary.resolve("new")));
            }
        }
    }

    @Test
    void file_isWhatTheCodeSeals() throws IOException {
        assertThat(read("sealing.json")).isEqualTo(JsonMapper.shared().readTree(SealingVectors.generate()));
    }

    @Test
    void wraps_unwrapToTheirKeys() throws IOException {
        for (var vector : read("sealing.json").get("wraps")) {
            var context = vector.get("context");
            var of = new EncryptionContext(
                    KeyLevel.ofCode(context.get("level").asString()),
                    TenantId.parse(context.get("tenant").asString()),
                    context.get("name").asString(),
                    context.get("owner").asString(),
                    context.get("version").asInt(),
                    KeyTier.ofCode(context.get("tier").asString()),
                    UUID.fromString(context.get("keyId").asString()));

            assertThat(of.associatedData()).isEqualTo(hex(vector, "associatedData"));
            assertThat(Wrapping.unwrap(DataKey.copyOf(hex(vector, "kek")), hex(vector, "wrapped"), of)
                            .reveal())
                    .isEqualTo(hex(vector, "key"));
        }
    }

    @Test
    void fields_openToTheirPlaintext() throws Exception {
        for (var vector : read("sealing.json").get("fields")) {
            byte[] plaintext = open(vector, hex(vector, "sealed"));

            assertThat(plaintext).isEqualTo(hex(vector, "plaintext"));
        }
    }

    @Test
    void streams_haveTheirLengthAndHashAndOpen() throws Exception {
        for (var vector : read("sealing.json").get("streams")) {
            byte[] plaintext =
                    SealingVectors.audio(vector.get("plaintextLength").asInt());
            byte[] message = Cobblestone.sealMessage(
                    hex(vector, "recordKey"), hex(vector, "salt"), hex(vector, "associatedData"), plaintext);
            byte[] sealed = ByteBuffer.allocate(SealedHeader.LENGTH + message.length)
                    .put(SealedHeader.of(
                            UUID.fromString(vector.get("recordKeyId").asString())))
                    .put(message)
                    .array();

            assertThat(sealed).hasSize(vector.get("sealedLength").asInt());
            assertThat(SealingVectors.sha256(sealed))
                    .isEqualTo(vector.get("sealedSha256").asString());
            if (vector.has("sealedBase64")) {
                byte[] given =
                        Base64.getDecoder().decode(vector.get("sealedBase64").asString());
                assertThat(open(vector, given)).isEqualTo(plaintext);
            }
        }
    }

    private static byte[] open(JsonNode vector, byte[] sealed) throws SealedDataException {
        var context = vector.get("context");
        var of = new SealContext(
                TenantId.parse(context.get("tenant").asString()),
                DataClass.ofCode(context.get("dataClass").asString()),
                new KeyOwner.OfCall(SealingVectors.CALL),
                context.get("recordType").asString(),
                context.get("recordId").asString(),
                context.get("field").asString(),
                context.get("rowVersion").asLong());
        assertThat(of.associatedData()).isEqualTo(hex(vector, "associatedData"));
        var in = ByteBuffer.wrap(sealed);
        assertThat(SealedHeader.read(in).toString())
                .isEqualTo(vector.get("recordKeyId").asString());
        byte[] message = Arrays.copyOfRange(sealed, in.position(), sealed.length);
        return Cobblestone.openMessage(hex(vector, "recordKey"), of.associatedData(), message);
    }

    @Test
    void hashes_areThoseOfTheirInputs() throws IOException {
        for (var vector : read("sealing.json").get("blindIndexes")) {
            var parts = new ArrayList<String>();
            vector.get("parts").forEach(part -> parts.add(part.asString()));
            byte[] message = BlindIndex.message(vector.get("purpose").asString(), parts.toArray(String[]::new));

            assertThat(Arrays.copyOf(PurposeMac.mac(hex(vector, "key"), message), BlindIndex.LENGTH))
                    .isEqualTo(hex(vector, "hash"));
        }
    }

    @Test
    void subjectHashes_areThoseOfTheirInputs() throws IOException {
        for (var vector : read("sealing.json").get("subjectHashes")) {
            var subject = new SubjectId(UUID.fromString(vector.get("subject").asString()));

            assertThat(PurposeMac.mac(hex(vector, "key"), KeyedSubjectHasher.message(subject)))
                    .isEqualTo(hex(vector, "hash"));
        }
    }

    /// A key store written by the first version must open for ever, and in the FIPS distribution never.
    @Test
    void keyStore_ofTheFirstVersion_opens(@TempDir Path folder) throws IOException {
        var vector = read("keystore.json");
        var file = folder.resolve("root-keys");
        Files.write(file, Base64.getDecoder().decode(vector.get("fileBase64").asString()));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        char[] passphrase = vector.get("passphrase").asString().toCharArray();
        if (CryptoProvider.isFips()) {
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> KeyStoreFile.read(file, passphrase, LocalKms.PRIMARY))
                    .withMessageContaining("version 1, made by a distribution without FIPS");
            return;
        }

        var roots = KeyStoreFile.read(file, passphrase, LocalKms.PRIMARY, LocalKms.BACKUP);

        assertThat(roots.get(LocalKms.PRIMARY).reveal()).isEqualTo(hex(vector, "primary"));
        assertThat(roots.get(LocalKms.BACKUP).reveal()).isEqualTo(hex(vector, "backup"));
    }

    private static String newKeyStore(Path file) throws IOException {
        byte[] primary = new byte[32];
        byte[] backup = new byte[32];
        Arrays.fill(primary, (byte) 0xA1);
        Arrays.fill(backup, (byte) 0xB2);
        var passphrase = "a passphrase for vectors only";
        KeyStoreFile.create(
                file,
                passphrase.toCharArray(),
                Map.of(LocalKms.PRIMARY, DataKey.copyOf(primary), LocalKms.BACKUP, DataKey.copyOf(backup)),
                new SecureRandom());
        var json = JsonMapper.shared().createObjectNode();
        json.put("about", "A key store file of version 1 (docs/spec/sealing.md). Its keys are made up.");
        json.put("passphrase", passphrase);
        json.put("primary", HEX.formatHex(primary));
        json.put("backup", HEX.formatHex(backup));
        json.put("fileBase64", Base64.getEncoder().encodeToString(Files.readAllBytes(file)));
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
    }

    private static JsonNode read(String name) throws IOException {
        return JsonMapper.shared().readTree(new String(Files.readAllBytes(FOLDER.resolve(name)), UTF_8));
    }

    private static byte[] hex(JsonNode vector, String field) {
        return HEX.parseHex(vector.get(field).asString());
    }

    private static Path folder() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isRegularFile(at.resolve("mvnw"))) {
                return at.resolve("docs/spec/vectors");
            }
        }
        throw new AssertionError("tests must run inside the project");
    }
}
