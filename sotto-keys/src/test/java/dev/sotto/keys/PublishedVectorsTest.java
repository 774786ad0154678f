package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.testkit.Vectors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Known answers of others: C2SP/wycheproof (Apache-2.0), read where present, never copied. Runs over the JDK here,
/// over ACCP in [AccpVectorsTest], and over the FIPS module in sotto-fips.
class PublishedVectorsTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final int GREATEST_MESSAGE = 8 << 20;

    /// Whose arithmetic this run is about.
    String provider() {
        return CryptoProvider.isFips() ? "BCFIPS" : "SunJCE";
    }

    @BeforeEach
    void providerInUse_isTheOneMeant() throws GeneralSecurityException {
        assertThat(CryptoProvider.inUse().provider()).isEqualTo(provider());
        assertThat(Mac.getInstance("HmacSHA512").getProvider().getName()).isEqualTo(provider());
    }

    @Test
    void cobblestone_allPublishedMessages_areDecidedAsPublished() throws Exception {
        var cases = cases("c2sp_chunked_encryption_aes_256_gcm_test.json");
        assertThat(cases).hasSize(35);
        for (var test : cases) {
            decide(test);
        }
    }

    private static void decide(JsonNode test) throws Exception {
        var name = test.get("tcId") + " " + test.get("comment").asString();
        byte[] key = bytes(test, "key");
        byte[] context = bytes(test, "ctx");
        byte[] sealed = inflate(bytes(test, "ct"));
        if (flags(test).contains("InvalidKeySize")) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .as(name)
                    .isThrownBy(() -> Cobblestone.openMessage(key, context, sealed));
            return;
        }
        if (test.get("result").asString().equals("valid")) {
            byte[] plaintext = Cobblestone.openMessage(key, context, sealed);
            assertThat(plaintext.length)
                    .as(name)
                    .isEqualTo(test.get("msgLength").asInt());
            assertThat(sha512(plaintext))
                    .as(name)
                    .isEqualTo(test.get("msgSha512").asString());
            byte[] salt = Arrays.copyOf(sealed, Cobblestone.SALT_LENGTH);
            assertThat(Cobblestone.sealMessage(key, salt, context, plaintext))
                    .as(name)
                    .isEqualTo(sealed);
        } else {
            assertThatExceptionOfType(SealedDataException.class)
                    .as(name)
                    .isThrownBy(() -> Cobblestone.openMessage(key, context, sealed));
        }
        if (sealed.length >= Cobblestone.PREFIX_LENGTH && !flags(test).contains("HeaderFailure")) {
            readsAs(test, name, key, context, sealed);
            recoversAs(test, name, key, context, sealed);
        }
    }

    /// A seekable reader opens only if the last chunk is authentic, and gives nothing that is not.
    private static void readsAs(JsonNode test, String name, byte[] key, byte[] context, byte[] sealed)
            throws Exception {
        boolean opens =
                test.get("result").asString().equals("valid") || flags(test).contains("ValidFinalChunk");
        SealedReader reader;
        try {
            reader = SealedReader.open(chunks(key, context, sealed), size(sealed), refusals());
        } catch (SealedDataException refused) {
            assertThat(opens).as(name).isFalse();
            return;
        }
        assertThat(opens).as(name).isTrue();
        var to = ByteBuffer.allocate(Math.toIntExact(reader.size()));
        if (test.get("result").asString().equals("valid")) {
            reader.read(0, to);
            assertThat(sha512(to.array()))
                    .as(name)
                    .isEqualTo(test.get("msgSha512").asString());
        } else {
            assertThatExceptionOfType(IntegrityException.class).as(name).isThrownBy(() -> reader.read(0, to));
        }
    }

    /// A recovery gives the longest valid prefix that was published, and no more.
    private static void recoversAs(JsonNode test, String name, byte[] key, byte[] context, byte[] sealed)
            throws IOException, SealedDataException, GeneralSecurityException {
        var reader = RecoverableReader.scan(chunks(key, context, sealed), size(sealed), refusals());
        assertThat(reader.size())
                .as(name)
                .isEqualTo(test.has("msgLength") ? test.get("msgLength").asLong() : 0);
        assertThat(reader.complete())
                .as(name)
                .isEqualTo(test.get("result").asString().equals("valid"));
        var to = ByteBuffer.allocate(Math.toIntExact(reader.size()));
        reader.read(0, to);
        if (test.has("msgSha512")) {
            assertThat(sha512(to.array()))
                    .as(name)
                    .isEqualTo(test.get("msgSha512").asString());
        }
    }

    private static ChunkReader chunks(byte[] key, byte[] context, byte[] sealed) throws SealedDataException {
        var file = ByteBuffer.allocate((int) size(sealed));
        file.position(SealedHeader.LENGTH);
        file.put(sealed);
        var message = Cobblestone.derive(key, Arrays.copyOf(sealed, Cobblestone.SALT_LENGTH), context);
        message.check(Arrays.copyOfRange(sealed, Cobblestone.SALT_LENGTH, Cobblestone.PREFIX_LENGTH));
        return new ChunkReader(new MemoryChannel(file.array()), message);
    }

    private static long size(byte[] sealed) {
        return SealedHeader.LENGTH + (long) sealed.length;
    }

    private static Refusals refusals() {
        return new Refusals(Meter.none());
    }

    @Test
    void expand_publishedHkdfSha512_matches() throws Exception {
        for (var test : cases("hkdf_sha512_test.json")) {
            byte[] salt = bytes(test, "salt");
            int size = test.get("size").asInt();
            var extract = Mac.getInstance("HmacSHA512");
            // RFC 2104 pads a key with zeroes to a block; a module in approved mode takes none under 14 bytes.
            extract.init(new SecretKeySpec(salt.length < 128 ? Arrays.copyOf(salt, 128) : salt, "HmacSHA512"));
            byte[] prk = extract.doFinal(bytes(test, "ikm"));
            if (test.get("result").asString().equals("valid")) {
                assertThat(Cobblestone.expand(prk, bytes(test, "info"), size))
                        .as(test.get("tcId").toString())
                        .isEqualTo(bytes(test, "okm"));
            } else {
                assertThatExceptionOfType(IllegalArgumentException.class)
                        .isThrownBy(() -> Cobblestone.expand(prk, bytes(test, "info"), size));
            }
        }
    }

    /// The provider in use, as Cobblestone uses it: keys of 256, nonces of 96 and tags of 128 bits.
    @Test
    void provider_publishedAesGcm_matches() throws Exception {
        int checked = 0;
        for (var test : cases("aes_gcm_test.json")) {
            byte[] key = bytes(test, "key");
            byte[] nonce = bytes(test, "iv");
            byte[] tag = bytes(test, "tag");
            if (key.length != 32 || nonce.length != 12 || tag.length != 16) {
                continue;
            }
            checked++;
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
            cipher.updateAAD(bytes(test, "aad"));
            byte[] ct = bytes(test, "ct");
            byte[] sealed = Arrays.copyOf(ct, ct.length + tag.length);
            System.arraycopy(tag, 0, sealed, ct.length, tag.length);
            if (test.get("result").asString().equals("valid")) {
                assertThat(cipher.doFinal(sealed)).isEqualTo(bytes(test, "msg"));
            } else {
                assertThatExceptionOfType(GeneralSecurityException.class).isThrownBy(() -> cipher.doFinal(sealed));
            }
        }
        assertThat(checked).isGreaterThan(50);
    }

    private static List<JsonNode> cases(String file) throws IOException {
        var folder = Vectors.folder();
        assumeTrue(folder.isPresent(), "no folder of published vectors here; name it by -Dsotto.vectors=DIR");
        Path path = folder.get().resolve(file);
        assumeTrue(Files.isRegularFile(path), file + " is not among the published vectors here");
        var cases = new ArrayList<JsonNode>();
        for (var group : JsonMapper.shared().readTree(Files.readString(path)).get("testGroups")) {
            group.get("tests").forEach(cases::add);
        }
        return cases;
    }

    private static List<String> flags(JsonNode test) {
        var flags = new ArrayList<String>();
        test.get("flags").forEach(flag -> flags.add(flag.asString()));
        return flags;
    }

    private static byte[] bytes(JsonNode test, String field) {
        return HEX.parseHex(test.get(field).asString());
    }

    private static String sha512(byte[] bytes) throws GeneralSecurityException {
        return HEX.formatHex(MessageDigest.getInstance("SHA-512").digest(bytes));
    }

    /// The messages are published zlib-compressed.
    private static byte[] inflate(byte[] compressed) throws DataFormatException {
        try (var inflater = new Inflater()) {
            inflater.setInput(compressed);
            byte[] out = new byte[GREATEST_MESSAGE];
            int length = inflater.inflate(out);
            assertThat(inflater.finished()).isTrue();
            return Arrays.copyOf(out, length);
        }
    }
}
