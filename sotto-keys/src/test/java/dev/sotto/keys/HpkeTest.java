package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Known answers of others for HPKE and its mechanisms, and what must be refused.
class HpkeTest {
    @BeforeEach
    void notInTheFipsDistribution() {
        assumeTrue(Recipient.Suite.X25519.isPresent(), "the FIPS module has no X25519");
    }

    private static final HexFormat HEX = HexFormat.of();

    /// RFC 9180's test vectors, base mode with kem 0x0020, kdf 0x0001, aead 0x0002: `skRm`, `enc`, `info`. The
    /// shared secret, key and nonce are those whose 1000 encryptions have the digest that Go's copy of them has
    /// (golang/go, src/crypto/hpke/testdata/rfc9180.json: 1702e73e1e71705faa8241022af1deea), computed apart from
    /// this code.
    @Test
    void x25519_publishedVector_givesKeyAndNonce() throws Exception {
        byte[] privateKey = hex("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d");
        byte[] ephemeral = hex("179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11");
        byte[] sent = hex("6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256");
        byte[] info = hex("4f6465206f6e2061204772656369616e2055726e");
        byte[] secret = hex("3101c54c3a4f87439eaac080699ed9bbcc726ffe44e860c0424ccb7e3e2ead7b");
        var kem = new DhKem();

        byte[] made = kem.encapsulate(kem.publicKey(privateKey), new Given(ephemeral));

        assertThat(kem.publicKey(privateKey))
                .isEqualTo(hex("430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c"));
        assertThat(made).isEqualTo(join(sent, secret));
        assertThat(kem.decapsulate(sent, privateKey)).isEqualTo(secret);
        byte[] schedule = Hpke.schedule(kem, Hpke.AEAD_ID, secret, info);
        assertThat(schedule)
                .isEqualTo(hex("f50b0609186798729ed0564b36ef2ef8044f1f9d05636874d1f46c819c7a669f"
                        + "151d9929e2449747889bc923"));
        assertThat(Hpke.open(kem, privateKey, info, join(sent, first(schedule, "Beauty is truth".getBytes(UTF_8)))))
                .isEqualTo("Beauty is truth".getBytes(UTF_8));
    }

    /// What a sender with that key and nonce sends first.
    private static byte[] first(byte[] schedule, byte[] plaintext) throws Exception {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                new SecretKeySpec(schedule, 0, 32, "AES"),
                new GCMParameterSpec(128, schedule, 32, 12));
        return cipher.doFinal(plaintext);
    }

    /// draft-ietf-hpke-pq (hpkewg/hpke-pq, test-vectors.json, April 2026): kem 0x647a, kdf 0x0001, aead
    /// 0x0003. The private key is expanded, long values are digests.
    @Test
    void xWing_vectorOfHpke_givesKeyAndNonce() throws Exception {
        byte[] info = hex("34663634363532303666366532303631323034373732363536333639363136653230353537323665");
        byte[] secret = hex("58200ed1f137bd95a921bb47f6aaecf2395b26f7fd24efd3a5ffae4849e8dea3");

        assertThat(Hpke.schedule(new XWing(), 0x0003, secret, info))
                .isEqualTo(hex("131c2ebb469b909a40915914afd7ff5e638888ac7195dcaaaef8f9a84f0e4030"
                        + "2b7a68f19e6cdbd43dda3c6d"));
        assertThat(digest(new XWing()
                        .publicKey(hex("6ced3f3146077ee0e3368ba751da2845dfdd217e4515215dc4a709b95550b077"
                                + "7b627e126d624fb028b74c597827a2ae8c063ce05df4444cf6caca5deb6f6114"
                                + "0103e939648ba6c0315e68b753118d8bdc525a818e3af3dab12701fd6591467c"))))
                .isEqualTo("ad8aaf3f00d8a39bfeec2947a7d5dde68be08bba19bd301a348a45dc5fcc8341");
    }

    /// draft-connolly-cfrg-xwing-kem (spec/test-vectors.json, March 2026). The seed is expanded by
    /// SHAKE-256; the public key and the ciphertext are here as SHA-256.
    ///
    /// @param key what the seed expands to
    /// @param random the randomness of the encapsulation
    private record XWingVector(String key, String random, String secret, String publicKey, String ciphertext) {}

    private static final List<XWingVector> X_WING = List.of(
            new XWingVector(
                    "c44829d2b269887f6150dfaee5a25a704cbc607e57d18a2ffc8734633333cff0"
                            + "f0fc6fa4e4827531168087ef223e9b070c5a78a789fd46d4c604d69b1139d4da"
                            + "cd3f2cce66ed130e5e73a0ebd454e15488885a2a1544252a20e0f58b6e8fc27b",
                    "3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e2"
                            + "35b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2",
                    "d2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384",
                    "2e816deebcd76c5c80d0cd2d174478871658e8e2ff42bc9d4a6e486372e856bb",
                    "17cd532d657e44c897ca6583e548a5424fc70bf54f99515a4d2bcf99e3469f33"),
            new XWingVector(
                    "0740ffcd2c4eae453ceaaf8721f57509bb8b4341fa78c317309315e3cf65668d"
                            + "dd85ff777fd177212a0a509cba26924d8ac573a7a22f4e4bd00c4668f751696a"
                            + "ffca9e2e2ac24a625842c6687fb7b62e5c933c08f93ca9b0099dff1d54a57885",
                    "17cda7cfad765f5623474d368ccca8af0007cd9f5e4c849f167a580b14aabdef"
                            + "aee7eef47cb0fca9767be1fda69419dfb927e9df07348b196691abaeb580b32d",
                    "f2e86241c64d60f6649fbc6c5b7d17180b780a3f34355e64a85749949c45f150",
                    "c42ba5f8430d7d2c83739338203819f090e8303ce9c8b02107c272bfa5376916",
                    "1661ea86d608a1924ba30840cb0a65f13ae051e3aec9cf0f064efc0bc92f2154"),
            new XWingVector(
                    "f745a4e723f559fd40ec7cbd4dba3d7bf35cfccab2fe9573264948e1fc5cc50d"
                            + "3ff5c5ec5d4fa295b9215cf109c1b4c1c705cc8c4257d3c3d66a63c691bd6282"
                            + "d1c38db0b7bd7cf2ebfa89d4869344e809871a2b774e8482c48dcef15fa39538",
                    "22a96188d032675c8ac850933c7aff1533b94c834adbb69c6115bad4692d8619"
                            + "f90b0cdf8a7b9c264029ac185b70b83f2801f2f4b3f70c593ea3aeeb613a7f1b",
                    "953f7f4e8c5b5049bdc771d1dffada0dd961477d1a2ae0988baa7ea6898d893f",
                    "6b080d6b84f095342092fa7a22423e58bd681397ad0ef00eac92bd254db4fa95",
                    "d3ca5578500344b5896cffc4fd740c9311946b82951df155e6fd86a7966b43c6"));

    @Test
    void xWing_publishedVectors_areMadeAndOpened() throws Exception {
        var kem = new XWing();
        for (var vector : X_WING) {
            byte[] key = hex(vector.key());
            byte[] publicKey = kem.publicKey(key);

            byte[] made = kem.encapsulate(publicKey, new Given(hex(vector.random())));

            byte[] sent = Arrays.copyOf(made, kem.encapsulationLength());
            assertThat(digest(publicKey)).isEqualTo(vector.publicKey());
            assertThat(digest(sent)).isEqualTo(vector.ciphertext());
            assertThat(Arrays.copyOfRange(made, sent.length, made.length)).isEqualTo(hex(vector.secret()));
            assertThat(kem.decapsulate(sent, key)).isEqualTo(hex(vector.secret()));
        }
    }

    /// The points of order 1, 2, 4 and 8 (RFC 7748 section 6.1; the list is that of cr.yp.to/ecdh.html),
    /// and some of them once more beyond the prime.
    private static final List<String> LOW_ORDER = List.of(
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");

    @Test
    void lowOrderPoints_giveNoSecret() {
        var random = new SecureRandom();
        var dh = new DhKem();
        var hybrid = new XWing();
        byte[] key = dh.generate(random);
        byte[] hybridKey = hybrid.generate(random);
        byte[] hybridPublic = hybrid.publicKey(hybridKey);
        for (var text : LOW_ORDER) {
            byte[] point = hex(text);
            byte[] weak = hybridPublic.clone();
            System.arraycopy(point, 0, weak, MlKem.PUBLIC_LENGTH, point.length);
            byte[] sent = new byte[hybrid.encapsulationLength()];
            System.arraycopy(point, 0, sent, MlKem.CIPHERTEXT_LENGTH, point.length);

            refuses(() -> dh.encapsulate(point, random));
            refuses(() -> dh.decapsulate(point, key));
            refuses(() -> hybrid.encapsulate(weak, random));
            refuses(() -> hybrid.decapsulate(sent, hybridKey));
        }
    }

    @Test
    void mlKem_publicKeyBeyondItsModulus_isRefused() {
        var hybrid = new XWing();
        byte[] publicKey = hybrid.publicKey(hybrid.generate(new SecureRandom()));
        Arrays.fill(publicKey, 0, 3, (byte) 0xff); // two coefficients of 4095, where 3328 is the most

        refuses(() -> hybrid.encapsulate(publicKey, new SecureRandom()));
    }

    @Test
    void message_withAnotherInfoOrAnyByteAltered_isRefused() throws Exception {
        for (Kem kem : List.of(new DhKem(), new XWing())) {
            byte[] key = kem.generate(new SecureRandom());
            byte[] info = {1, 2, 3};
            byte[] sealed = Hpke.seal(kem, kem.publicKey(key), info, new byte[32], new SecureRandom());

            assertThat(Hpke.open(kem, key, info, sealed)).isEqualTo(new byte[32]);
            refuses(() -> Hpke.open(kem, key, new byte[] {1, 2}, sealed));
            for (int at = 0; at < sealed.length; at += sealed.length > 500 ? 13 : 1) {
                byte[] altered = sealed.clone();
                altered[at] ^= 1;
                refuses(() -> Hpke.open(kem, key, info, altered));
            }
            for (int length : List.of(0, 31, kem.encapsulationLength(), sealed.length - 1)) {
                refuses(() -> Hpke.open(kem, key, info, Arrays.copyOf(sealed, length)));
            }
        }
    }

    private interface Opening {
        byte[] run() throws SealedDataException;
    }

    private static void refuses(Opening opening) {
        assertThatExceptionOfType(SealedDataException.class).isThrownBy(opening::run);
    }

    private static byte[] hex(String text) {
        return HEX.parseHex(text);
    }

    private static byte[] join(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    private static String digest(byte[] bytes) throws Exception {
        return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    /// Gives these bytes in order, once.
    private static final class Given extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final transient ByteBuffer rest;

        Given(byte[] bytes) {
            rest = ByteBuffer.wrap(bytes);
        }

        @Override
        public void nextBytes(byte[] into) {
            rest.get(into);
        }
    }
}
