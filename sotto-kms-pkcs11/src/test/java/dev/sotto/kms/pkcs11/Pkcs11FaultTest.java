package dev.sotto.kms.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KmsCallLimits;
import dev.sotto.keys.Passphrase;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A token that is pulled out, a library that was finished under the adapter, PINs and libraries that are wrong.
class Pkcs11FaultTest {
    private static final KeyUri ROOT = new KeyUri("pkcs11:sotto-faulty/root");
    private static final EncryptionContext CONTEXT = EncryptionContext.ofSecret("node-secret");

    private static boolean rootMade;

    private final DataKey key = DataKey.random(new SecureRandom());
    private Pkcs11Kms kms;

    @BeforeEach
    void open() throws Exception {
        kms = SoftHsm.open(SoftHsm.FAULTY);
        if (!rootMade) {
            kms.createWrappingKey(ROOT);
            rootMade = true;
        }
    }

    @AfterEach
    void close() {
        if (kms != null) {
            kms.close();
        }
    }

    @Test
    void tokenPulledOut_isFoundAgainAndLoggedInTo() throws Exception {
        var wrapped = kms.wrap(ROOT, key, CONTEXT);

        SoftHsm.endAllSessions(SoftHsm.FAULTY);

        assertThat(kms.unwrap(wrapped, CONTEXT)).isEqualTo(key);
        assertThat(kms.unwrap(kms.wrap(ROOT, key, CONTEXT), CONTEXT)).isEqualTo(key);
    }

    @Test
    void tokenPulledOutUnderManyCalls_noneGivesAWrongAnswerOrCallsItTampering() throws Exception {
        var wrapped = kms.wrap(ROOT, key, CONTEXT);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Boolean> call = () -> {
                for (int i = 0; i < 20; i++) {
                    try (var back = kms.unwrap(wrapped, CONTEXT)) {
                        assertThat(back).isEqualTo(key);
                    } catch (UnavailableException expected) {
                        // the caller may try again
                    }
                }
                return true;
            };
            var futures =
                    IntStream.range(0, 8).mapToObj(_ -> executor.submit(call)).toList();
            SoftHsm.endAllSessions(SoftHsm.FAULTY);
            for (var future : futures) {
                assertThat(future.get()).isTrue();
            }
        }
        assertThat(kms.unwrap(wrapped, CONTEXT)).isEqualTo(key);
    }

    @Test
    void libraryThatWasFinished_isInitialisedAgain() throws Exception {
        var wrapped = kms.wrap(ROOT, key, CONTEXT);

        SoftHsm.finish();

        assertThat(kms.unwrap(wrapped, CONTEXT)).isEqualTo(key);
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> kms.unwrap(wrapped, EncryptionContext.ofSecret("other")));
    }

    @Test
    void wrongPin_isDeniedWithoutSayingIt_andIsNotTriedAgain() throws Exception {
        assertThatExceptionOfType(DeniedException.class)
                .isThrownBy(() -> SoftHsm.open(SoftHsm.PINS, "0000-wrong-pin", Meter.none()))
                .withMessage("token (sotto-pins) refuses the PIN")
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(Pkcs11Error.PKCS11_PIN_REFUSED));
    }

    @Test
    void absentToken_isUnavailableByItsLabel() throws Exception {
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> SoftHsm.open("no-such-token"))
                .withMessage("tokens of the label (no-such-token) must be one, there are 0");
    }

    @Test
    void libraryThatIsAbsentOrNoLibraryOfThatKind_isUnavailable() throws Exception {
        SoftHsm.library();
        for (var path : new String[] {"/nonexistent/libpkcs11.so", "/proc/self/exe"}) {
            try (var pin = Passphrase.generate(new SecureRandom())) {
                var config = new Pkcs11Config(Path.of(path), "sotto", KmsCallLimits.defaults());
                assertThatExceptionOfType(UnavailableException.class)
                        .isThrownBy(() -> Pkcs11Kms.open(config, pin, new SecureRandom(), Meter.none()))
                        .satisfies(
                                failure -> assertThat(failure.code()).isEqualTo(Pkcs11Error.PKCS11_LIBRARY_UNUSABLE));
            }
        }
    }

    @Test
    void config_thatCouldMeanSomethingElseToTheProvider_isRefused() {
        var limits = KmsCallLimits.defaults();
        for (var path : new String[] {"relative.so", "/lib/a b.so", "/lib/${java.home}.so", "/lib/a\nslot = 1"}) {
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> new Pkcs11Config(Path.of(path), "sotto", limits));
        }
        for (var token : new String[] {"", "a b", "a/b", "a\nslot = 1", "a".repeat(33)}) {
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> new Pkcs11Config(Path.of("/lib/a.so"), token, limits));
        }
    }

    @Test
    void closed_itMakesNoKeysAndComputesNoCodes() {
        kms.close();

        assertThatIllegalStateException().isThrownBy(() -> kms.createWrappingKey(ROOT));
        assertThatIllegalStateException().isThrownBy(() -> kms.mac(ROOT, new byte[1]));
    }
}
