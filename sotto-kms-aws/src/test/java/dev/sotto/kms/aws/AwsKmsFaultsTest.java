package dev.sotto.kms.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeysError;
import dev.sotto.testkit.FakeMeter;
import dev.sotto.testkit.HttpSimulator.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What AWS may answer, and what becomes of it.
class AwsKmsFaultsTest {
    private final FakeMeter meter = new FakeMeter();
    private final EncryptionContext context = AwsFixture.context();

    @TempDir
    private Path folder;

    private AwsFixture aws;
    private AwsKms kms;

    @BeforeEach
    void start() throws IOException {
        aws = new AwsFixture(folder);
        kms = aws.open(meter);
    }

    @AfterEach
    void stop() {
        kms.close();
        aws.close();
    }

    @ParameterizedTest
    @CsvSource({
        "400, ThrottlingException, UnavailableException, KMS_THROTTLED, true",
        "400, LimitExceededException, UnavailableException, KMS_THROTTLED, true",
        "429, TooManyRequestsException, UnavailableException, KMS_THROTTLED, true",
        "500, KMSInternalException, UnavailableException, KMS_FAILED, true",
        "500, KeyUnavailableException, UnavailableException, KMS_FAILED, true",
        "503, DependencyTimeoutException, UnavailableException, KMS_FAILED, true",
        "502, Whatever, UnavailableException, KMS_FAILED, true",
        "400, DisabledException, UnavailableException, KMS_KEY_DISABLED, false",
        "400, KMSInvalidStateException, UnavailableException, KMS_KEY_DISABLED, false",
        "400, AccessDeniedException, DeniedException, KMS_DENIED, false",
        "400, UnrecognizedClientException, DeniedException, KMS_DENIED, false",
        "400, ExpiredTokenException, DeniedException, KMS_DENIED, false",
        "403, Whatever, DeniedException, KMS_DENIED, false",
        "400, NotFoundException, IntegrityException, WRAPPED_KEY_INVALID, false",
        "400, InvalidArnException, IntegrityException, WRAPPED_KEY_INVALID, false",
        "400, IncorrectKeyException, IntegrityException, WRAPPED_KEY_INVALID, false",
        "400, InvalidCiphertextException, IntegrityException, WRAPPED_KEY_INVALID, false",
        "400, InvalidKeyUsageException, RejectedException, KMS_REQUEST_REFUSED, false",
        "400, ValidationException, RejectedException, KMS_REQUEST_REFUSED, false",
    })
    void answer_ofAnError_isOfItsKindAndRetriedOnlyIfItMayPass(
            int status, String error, String kind, KeysError code, boolean retried) {
        var wrapped = AwsFixture.wrapped(kms, aws.plain, context);
        aws.home.http().answerNext(10, AwsKmsSimulator.error(status, error));
        int before = aws.home.http().asked();

        assertThatExceptionOfType(SottoException.class)
                .isThrownBy(() -> kms.unwrap(wrapped, context))
                .satisfies(failure -> {
                    assertThat(failure.getClass().getSimpleName()).isEqualTo(kind);
                    assertThat(failure.code()).isEqualTo(code);
                    assertThat(failure.getMessage()).doesNotContain("arn:").doesNotContain("who asked");
                });
        assertThat(aws.home.http().asked() - before).isEqualTo(retried ? AwsFixture.LIMITS.tries() : 1);
    }

    @Test
    void faults_thatPass_areNotSeen() {
        var wrapped = AwsFixture.wrapped(kms, aws.plain, context);
        var http = aws.home.http();

        http.answerNext(2, AwsKmsSimulator.error(400, "ThrottlingException"));
        kms.unwrap(wrapped, context).close();
        http.halveNext(1);
        kms.unwrap(wrapped, context).close();
        http.hangUpNext(1);
        kms.unwrap(wrapped, context).close();
        http.answerNext(1, Answer.json(200, "<html>"));
        kms.unwrap(wrapped, context).close();
        http.answerNext(1, Answer.json(200, "{}"));
        kms.unwrap(wrapped, context).close();

        assertThat(meter.counted("kms.aws.requests")).isEqualTo(6);
        assertThat(meter.counted("kms.aws.retries")).isEqualTo(6);
        assertThat(meter.counted("kms.aws.failed.throttled")).isEqualTo(2);
        assertThat(meter.counted("kms.aws.failed.answer_invalid")).isEqualTo(2);
        assertThat(meter.counted("kms.aws.failed.unreachable")).isEqualTo(2);
        assertThat(meter.timed("kms.aws.unwrap")).hasSize(5);
        assertThat(meter.counted("kms.aws.failover")).isZero();
    }

    @Test
    void answer_aboutAnotherKey_isRefused() {
        aws.home
                .http()
                .answerNext(
                        10,
                        Answer.json(
                                200,
                                "{\"KeyId\":\"%s\",\"CiphertextBlob\":\"AAAA\"}".formatted(aws.otherPlain.name())));
        try (var key = DataKey.random(AwsFixture.RANDOM)) {
            assertThatExceptionOfType(UnavailableException.class)
                    .isThrownBy(() -> kms.wrap(aws.plain, key, context))
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_ANSWER_INVALID));
        }
    }

    @Test
    void wrap_underAnAbsentKey_isRejected() {
        aws.home.http().answerNext(1, AwsKmsSimulator.error(400, "NotFoundException"));
        try (var key = DataKey.random(AwsFixture.RANDOM)) {
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> kms.wrap(aws.plain, key, context))
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KEY_URI_INVALID));
        }
    }

    @Test
    void disabledKey_isUnavailableUntilItIsEnabled() {
        var wrapped = AwsFixture.wrapped(kms, aws.plain, context);
        aws.home.state(AwsFixture.PLAIN, "Disabled");
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> kms.unwrap(wrapped, context))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_KEY_DISABLED));

        aws.home.state(AwsFixture.PLAIN, "Enabled");

        kms.unwrap(wrapped, context).close();
    }

    /// The simulator checks signatures: with another secret none holds.
    @Test
    void credentials_thatAreWrongOrAbsent_areDenied() throws IOException {
        var wrapped = AwsFixture.wrapped(kms, aws.plain, context);
        aws.credentials("another/secret/another/secret/another00");
        try (var wrong = aws.open(meter);
                var absent = new AwsKms(aws.config(Optional.of(folder.resolve("absent"))), meter)) {
            assertThatExceptionOfType(DeniedException.class).isThrownBy(() -> wrong.unwrap(wrapped, context));
            assertThatExceptionOfType(DeniedException.class).isThrownBy(() -> absent.unwrap(wrapped, context));
        }
    }

    @Test
    void credentials_thatOthersMayRead_areRefused() throws IOException {
        var exposed = Files.createFile(folder.resolve("exposed"));
        Files.setPosixFilePermissions(exposed, PosixFilePermissions.fromString("rw-r-----"));

        assertThatExceptionOfType(DeniedException.class)
                .isThrownBy(() -> new AwsKms(aws.config(Optional.of(exposed)), meter))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KEY_STORE_EXPOSED));
    }

    @Test
    void alteredAnswer_doesNotOpen() {
        var wrapped = AwsFixture.wrapped(kms, aws.plain, context);
        aws.home
                .http()
                .answerNext(
                        10, Answer.json(200, "{\"KeyId\":\"%s\",\"Plaintext\":\"AAAA\"}".formatted(aws.plain.name())));

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> kms.unwrap(wrapped, context))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_ANSWER_INVALID));
    }

    @Test
    void silentHome_ofAKeyOfOneRegion_isNotAskedElsewhere() {
        var wrapped = AwsFixture.wrapped(kms, aws.plain, context);
        aws.home.http().fallSilent();
        int away = aws.away.http().asked();

        assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> kms.unwrap(wrapped, context));

        assertThat(aws.away.http().asked()).isEqualTo(away);
    }

    @Test
    void silentHome_ofAMultiRegionKey_isAnsweredByTheReplica() {
        try (var key = DataKey.random(AwsFixture.RANDOM)) {
            var before = kms.wrap(aws.replicated, key, context);
            aws.home.http().fallSilent();

            var meanwhile = kms.wrap(aws.replicated, key, context);

            assertThat(kms.unwrap(before, context)).isEqualTo(key);
            assertThat(meter.counted("kms.aws.failover")).isEqualTo(2);
            aws.home.http().speak();
            aws.away.http().fallSilent();
            assertThat(meanwhile.kek()).isEqualTo(aws.replicated);
            assertThat(kms.unwrap(meanwhile, context))
                    .as("wrapped by the replica, which is silent now")
                    .isEqualTo(key);
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> kms.unwrap(meanwhile, AwsFixture.context()));
        }
    }

    /// Disabling a key must not be undone by an attacker who keeps its region from answering well.
    @Test
    void disabledHome_ofAMultiRegionKey_isNotAskedElsewhere() {
        var wrapped = AwsFixture.wrapped(kms, aws.replicated, context);
        aws.home.state(AwsFixture.REPLICATED, "Disabled");

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> kms.unwrap(wrapped, context))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_KEY_DISABLED));
        assertThat(meter.counted("kms.aws.failover")).isZero();
    }

    @Test
    void replica_thatIsAbsentOrDisabled_makesTheKeyUnavailableNotUnknown() {
        var wrapped = AwsFixture.wrapped(kms, aws.replicated, context);
        aws.home.http().answerNext(20, AwsKmsSimulator.error(500, "KMSInternalException"));
        aws.away.state(AwsFixture.REPLICATED, "Disabled");

        assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> kms.unwrap(wrapped, context));

        assertThat(meter.counted("kms.aws.failover")).isEqualTo(1);
        assertThat(meter.counted("kms.aws.retries")).isEqualTo(2);
    }
}
