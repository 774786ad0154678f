package dev.sotto.kms.pkcs11;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ActorId;
import dev.sotto.core.IdSource;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.keys.BlindIndex;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.InMemoryKeyRecords;
import dev.sotto.keys.KeyRecords;
import dev.sotto.keys.KeyService;
import dev.sotto.keys.KeyServiceConfig;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.Kms;
import dev.sotto.keys.KmsContract;
import dev.sotto.testkit.FakeAuditSink;
import dev.sotto.testkit.FakeMeter;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Against a real SoftHSM 2.
class Pkcs11KmsTest extends KmsContract {
    private static final KeyUri ROOT = new KeyUri("pkcs11:sotto/root-1");
    private static final KeyUri OTHER = new KeyUri("pkcs11:sotto/root-2");
    private static final KeyUri MAC = new KeyUri("pkcs11:sotto/index-1");
    private static final EncryptionContext CONTEXT = EncryptionContext.ofSecret("node-secret");

    private static Pkcs11Kms kms;

    @BeforeAll
    static void open() throws Exception {
        kms = SoftHsm.open(SoftHsm.TOKEN);
        kms.createWrappingKey(ROOT);
        kms.createWrappingKey(OTHER);
        kms.createMacKey(MAC);
    }

    @AfterAll
    static void close() {
        if (kms != null) {
            kms.close();
        }
    }

    @Override
    protected Kms kms() {
        return kms;
    }

    @Override
    protected KeyUri kek() {
        return ROOT;
    }

    @Override
    protected KeyUri otherKek() {
        return OTHER;
    }

    @Override
    protected Kms openAnother() {
        try {
            return SoftHsm.open(SoftHsm.TOKEN);
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void wrap_usesAnotherNonceEachTime_andTheLayoutThatIsPromised() {
        var nonces = new HashSet<String>();
        try (var key = DataKey.random(new SecureRandom())) {
            for (int i = 0; i < 200; i++) {
                byte[] bytes = kms.wrap(ROOT, key, CONTEXT).bytes();
                assertThat(bytes).hasSize(61).startsWith(1);
                nonces.add(HexFormat.of().formatHex(bytes, 1, 13));
            }
        }
        assertThat(nonces).hasSize(200);
    }

    @Test
    void mac_isStableAndDiffersByKeyAndMessage() {
        var other = new KeyUri("pkcs11:sotto/index-2");
        kms.createMacKey(other);
        byte[] message = "1984-05-12".getBytes(UTF_8);

        assertThat(kms.mac(MAC, message))
                .hasSize(32)
                .isEqualTo(kms.mac(MAC, message))
                .isNotEqualTo(kms.mac(other, message))
                .isNotEqualTo(kms.mac(MAC, "1984-05-13".getBytes(UTF_8)));
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> kms.mac(new KeyUri("pkcs11:sotto/none"), message));
    }

    @Test
    void blindIndex_underAKeyOfTheToken_isTheSameForAnotherNode_andMovesToAnotherKeyOfIt() throws Exception {
        var actor = new ActorId(ActorId.Kind.NODE, "token-node");
        var records = new InMemoryKeyRecords();
        var second = new KeyUri("pkcs11:sotto/index-next");
        kms.createMacKey(second);
        var tenant = new IdSource(Clock.systemUTC(), new SecureRandom()).tenantId();
        try (var token = SoftHsm.open(SoftHsm.TOKEN);
                var one = keys(kms, records, MAC, actor);
                var two = keys(token, records, second, actor)) {
            one.createTenant(tenant);
            var value = one.blindIndex().of(tenant, "identity", "1984-05-12", "4417");
            assertThat(value.bytes()).hasSize(BlindIndex.LENGTH);
            assertThat(two.blindIndex().all(tenant, "identity", "1984-05-12", "4417"))
                    .containsExactly(value);

            assertThat(two.lifecycle().rotateDue(actor)).hasSize(1);
            one.blindIndex().forget();
            assertThat(one.blindIndex().all(tenant, "identity", "1984-05-12", "4417"))
                    .hasSize(2)
                    .endsWith(value)
                    .isEqualTo(two.blindIndex().all(tenant, "identity", "1984-05-12", "4417"));
        }
    }

    private static KeyService keys(Kms service, KeyRecords records, KeyUri index, ActorId actor) {
        return new KeyService(
                service,
                ROOT,
                records,
                new FakeAuditSink(),
                Clock.systemUTC(),
                new SecureRandom(),
                new FakeMeter(),
                KeyServiceConfig.defaults(actor).withIndexKey(Optional.of(index)));
    }

    @Test
    void keyThatCouldLeaveTheToken_orIsForSomethingElse_isRefusedByItsLabelAndTheRule() throws Exception {
        refusesWrap(key("extractable").with(0x162, true), "must not be extractable (CKA_EXTRACTABLE)");
        refusesWrap(key("readable").with(0x103, false), "must be sensitive (CKA_SENSITIVE)");
        refusesWrap(key("public").with(0x2, false), "must be private (CKA_PRIVATE)");
        refusesWrap(key("no-decrypt").with(0x105, false), "must be for encrypting and decrypting");
        refusesWrap(key("short").with(0x161, 16), "must be an AES key of 32 bytes");
    }

    /// The JDK reads no key at all of a token that has two of one label, so this must be said and not be called an
    /// outage.
    @Test
    void twoKeysOfOneLabel_areRefusedByTheRule_andSoIsATokenWithThem() throws Exception {
        try (var twice = SoftHsm.open(SoftHsm.TWICE);
                var key = DataKey.random(new SecureRandom())) {
            twice.createWrappingKey(new KeyUri("pkcs11:sotto-twice/root"));
            TestKey.wrapping(SoftHsm.TWICE, "same").make();
            TestKey.wrapping(SoftHsm.TWICE, "same").make();
            refused(
                    () -> twice.wrap(new KeyUri("pkcs11:sotto-twice/same"), key, CONTEXT),
                    "key (same) must be the only one of its label");
            refused(
                    () -> twice.wrap(new KeyUri("pkcs11:sotto-twice/root"), key, CONTEXT),
                    "token must not have two secret keys of one label");
            refused(() -> SoftHsm.open(SoftHsm.TWICE), "token must not have two secret keys of one label");
        }
    }

    @Test
    void keysOfOneUse_areNotForTheOther() {
        try (var key = DataKey.random(new SecureRandom())) {
            refused(() -> kms.wrap(MAC, key, CONTEXT), "key (index-1) must be an AES key of 32 bytes");
        }
        refused(() -> kms.mac(ROOT, new byte[1]), "key (root-1) must be a generic secret of 32 bytes");
    }

    @Test
    void create_overAKeyOfThatLabel_isRefusedAndLeavesIt() {
        try (var key = DataKey.random(new SecureRandom())) {
            var wrapped = kms.wrap(ROOT, key, CONTEXT);

            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> kms.createWrappingKey(ROOT))
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(Pkcs11Error.PKCS11_KEY_EXISTS));
            assertThat(kms.unwrap(wrapped, CONTEXT)).isEqualTo(key);
        }
    }

    @Test
    void keyMadeAfterTheTokenWasOpened_isFound() throws Exception {
        var late = new KeyUri("pkcs11:sotto/late");
        try (var other = SoftHsm.open(SoftHsm.TOKEN);
                var key = DataKey.random(new SecureRandom())) {
            other.createWrappingKey(late);
            assertThat(kms.unwrap(kms.wrap(late, key, CONTEXT), CONTEXT)).isEqualTo(key);
        }
    }

    @Test
    void uris_ofOtherTokensOrForms_nameNoKeyHere() {
        try (var key = DataKey.random(new SecureRandom())) {
            for (var uri : List.of(
                    "pkcs11:other/root-1", "pkcs11:sotto/", "pkcs11:sotto", "pkcs11:sotto/a/b", "pkcs11:root-1")) {
                assertThatExceptionOfType(RejectedException.class)
                        .as(uri)
                        .isThrownBy(() -> kms.wrap(new KeyUri(uri), key, CONTEXT));
                assertThatExceptionOfType(RejectedException.class)
                        .as(uri)
                        .isThrownBy(() -> kms.createWrappingKey(new KeyUri(uri)));
            }
        }
    }

    @Test
    void calls_areCountedAndTimed() throws Exception {
        var meter = new FakeMeter();
        try (var counted = SoftHsm.open(SoftHsm.TOKEN, SoftHsm.PIN, meter);
                var key = DataKey.random(new SecureRandom())) {
            var wrapped = counted.wrap(ROOT, key, CONTEXT);
            counted.unwrap(wrapped, CONTEXT).close();
            assertThatExceptionOfType(SottoException.class)
                    .isThrownBy(() -> counted.unwrap(wrapped, EncryptionContext.ofSecret("other")));
        }
        assertThat(meter.counted("kms.pkcs11.requests")).isEqualTo(4); // the login is one
        assertThat(meter.timed("kms.pkcs11.unwrap")).hasSize(2);
        assertThat(meter.counted("kms.pkcs11.failed.ciphertext_refused")).isOne();
        assertThat(meter.counted("kms.pkcs11.retries")).isZero();
    }

    private static void refusesWrap(TestKey key, String rule) throws Exception {
        key.make();
        try (var dataKey = DataKey.random(new SecureRandom())) {
            refused(
                    () -> kms.wrap(new KeyUri("pkcs11:sotto/" + key.label()), dataKey, CONTEXT),
                    "key (%s) %s".formatted(key.label(), rule));
        }
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(call)
                .withMessage(message)
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(Pkcs11Error.PKCS11_KEY_UNFIT));
    }

    private static TestKey key(String label) {
        return TestKey.wrapping(SoftHsm.TOKEN, label);
    }
}
