package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sotto.core.ErrorCode;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KmsRouterTest extends KmsContract {
    private static final EncryptionContext CONTEXT = EncryptionContext.ofSecret("node-secret");

    @TempDir
    private static Path folder;

    private static LocalKms local;

    private final FakeKms fake = new FakeKms();
    private final KmsRouter router = new KmsRouter(List.of(fake, local));

    @BeforeAll
    static void create() {
        local = LocalKms.create(folder.resolve("root-keys"), "correct horse battery".toCharArray());
    }

    @AfterAll
    static void close() {
        local.close();
    }

    @Override
    protected Kms kms() {
        return router;
    }

    /// The two keys of the contract lie in two services.
    @Override
    protected KeyUri kek() {
        return FakeKms.PRIMARY;
    }

    @Override
    protected KeyUri otherKek() {
        return LocalKms.BACKUP;
    }

    @Override
    protected Kms openAnother() {
        return new KmsRouter(List.of(
                new FakeKms(fake), LocalKms.open(folder.resolve("root-keys"), "correct horse battery".toCharArray())));
    }

    @Override
    protected String scheme() {
        return KmsRouter.SCHEME;
    }

    @Override
    protected ErrorCode elsewhereCode() {
        return KeysError.KMS_SCHEME_UNKNOWN;
    }

    @Test
    void unknownScheme_isNamedWithWhatIsConfigured() {
        try (var key = DataKey.random(new SecureRandom())) {
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> router.wrap(new KeyUri("aws-kms:key/1"), key, CONTEXT))
                    .withMessage("key service (aws-kms) is not configured on this node\n"
                            + "hint: configured are fake, local")
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_SCHEME_UNKNOWN));
            var wrapped = router.wrap(FakeKms.PRIMARY, key, CONTEXT);
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> router.unwrap(WrappedKey.of(new KeyUri("aws-kms:1"), wrapped.bytes()), CONTEXT))
                    .withMessage("wrapped key names a key service (aws-kms) that is not configured on this node");
        }
    }

    @Test
    void rewrap_fromOneServiceToTheOther_opensThereWhenTheFirstIsGone() {
        try (var key = DataKey.random(new SecureRandom())) {
            var wrapped = router.wrap(FakeKms.PRIMARY, key, CONTEXT);

            var moved = router.rewrap(wrapped, CONTEXT, LocalKms.PRIMARY);
            fake.goDown(new IllegalArgumentException("must not be asked"));

            assertThat(router.unwrap(moved, CONTEXT)).isEqualTo(key);
            assertThat(local.unwrap(moved, CONTEXT)).isEqualTo(key);
        }
    }

    @Test
    void mac_goesToAServiceThatComputesIt_elseIsRefused() {
        try (var withMac = new KmsRouter(List.of(fake, new MacKms()))) {
            assertThat(withMac.mac(new KeyUri("mac:1"), new byte[] {7})).containsExactly(7, 7);
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> withMac.mac(FakeKms.PRIMARY, new byte[] {7}))
                    .withMessage("key service (fake) computes no message codes");
        }
    }

    @Test
    void services_mustBeSomeAndOfDifferentSchemes() {
        assertThatIllegalArgumentException().isThrownBy(() -> new KmsRouter(List.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KmsRouter(List.of(fake, new FakeKms())))
                .withMessage("scheme (fake) must be served once");
        assertThat(router.schemes()).containsExactly("fake", "local");
    }

    private static final class MacKms implements Kms, KmsMac {
        @Override
        public String scheme() {
            return "mac";
        }

        @Override
        public WrappedKey wrap(KeyUri kek, DataKey key, EncryptionContext context) {
            throw new UnsupportedOperationException();
        }

        @Override
        public DataKey unwrap(WrappedKey wrapped, EncryptionContext context) {
            throw new UnsupportedOperationException();
        }

        @Override
        public byte[] mac(KeyUri key, byte[] message) {
            return new byte[] {message[0], message[0]};
        }
    }
}
