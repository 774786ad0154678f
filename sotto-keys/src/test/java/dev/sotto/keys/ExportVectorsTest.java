package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sotto.core.Meter;
import dev.sotto.keys.Recipient.Suite;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Holds section 7 of `docs/spec/sealing.md` to its vectors. `-Dsotto.golden.update=true` writes them anew.
class ExportVectorsTest {
    @BeforeEach
    void notInTheFipsDistribution() {
        assumeTrue(Recipient.Suite.X25519.isPresent(), "the FIPS module has no X25519");
    }

    private static final HexFormat HEX = HexFormat.of();
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final byte[] PLAINTEXT = "An export, sealed for one recipient.\n".getBytes(UTF_8);

    @BeforeAll
    static void update() throws IOException {
        if (Boolean.getBoolean("sotto.golden.update")) {
            Files.writeString(file(), JSON.writeValueAsString(generate()) + "\n");
        }
    }

    @Test
    void file_isWhatTheCodeSeals() throws IOException {
        assertThat(JSON.readTree(Files.readString(file()))).isEqualTo(generate());
    }

    @Test
    void exports_openToTheirPlaintext() throws IOException {
        var vectors = JSON.readTree(Files.readString(file())).get("exports");
        assertThat(vectors.size()).isEqualTo(Suite.values().length);
        for (var vector : vectors) {
            var suite = Suite.ofCode(vector.get("suite").asString());
            byte[] sealed =
                    Base64.getDecoder().decode(vector.get("sealedBase64").asString());
            var out = new MemoryChannel();
            try (var key =
                    RecipientKey.of(suite, HEX.parseHex(vector.get("privateKey").asString()))) {
                new SealedExport(new FixedRandom(new byte[1]), Meter.none()).open(key, new MemoryChannel(sealed), out);

                assertThat(key.recipient().text())
                        .isEqualTo(vector.get("recipient").asString());
            }
            assertThat(out.content())
                    .isEqualTo(HEX.parseHex(vector.get("plaintext").asString()));
        }
    }

    private static JsonNode generate() throws IOException {
        var root = JSON.createObjectNode();
        root.put("about", "docs/spec/sealing.md, section 7. The keys are made up and protect nothing.");
        var exports = root.putArray("exports");
        for (var suite : Suite.values()) {
            byte[] privateKey = new byte[suite.kem().privateKeyLength()];
            for (int i = 0; i < privateKey.length; i++) {
                privateKey[i] = (byte) (i + (suite == Suite.X25519 ? 1 : 0));
            }
            var out = new MemoryChannel();
            try (var key = RecipientKey.of(suite, privateKey)) {
                byte[] seed = new byte[32];
                for (int i = 0; i < seed.length; i++) {
                    seed[i] = (byte) (0x80 + i);
                }
                new SealedExport(new FixedRandom(seed), Meter.none())
                        .seal(key.recipient(), Channels.newChannel(new ByteArrayInputStream(PLAINTEXT)), out);
                exports.addObject()
                        .put("suite", suite.code())
                        .put("recipient", key.recipient().text())
                        .put("privateKey", HEX.formatHex(key.reveal()))
                        .put("plaintext", HEX.formatHex(PLAINTEXT))
                        .put("sealedBase64", Base64.getEncoder().encodeToString(out.content()));
            }
        }
        return root;
    }

    private static Path file() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isRegularFile(at.resolve("mvnw"))) {
                return at.resolve("docs/spec/vectors/export.json");
            }
        }
        throw new AssertionError("tests must run inside the project");
    }
}
