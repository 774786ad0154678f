package dev.sotto.kms.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KeysError;
import dev.sotto.keys.WrappedKey;
import dev.sotto.testkit.FakeMeter;
import dev.sotto.testkit.HttpSimulator.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/// What Azure may answer, and what becomes of it.
class AzureKmsFaultsTest {
    private final FakeMeter meter = new FakeMeter();
    private final EncryptionContext context = AzureFixture.context();

    @TempDir
    private Path folder;

    private AzureFixture fixture;
    private AzureKms kms;

    @BeforeEach
    void start() throws IOException {
        fixture = new AzureFixture(folder);
        kms = fixture.open(meter);
    }

    @AfterEach
    void stop() {
        kms.close();
        fixture.close();
    }

    @ParameterizedTest
    @CsvSource({
        "429, Throttled, '', UnavailableException, KMS_THROTTLED, true",
        "500, InternalServerError, '', UnavailableException, KMS_FAILED, true",
        "503, ServiceUnavailable, '', UnavailableException, KMS_FAILED, true",
        "403, Forbidden, KeyDisabled, UnavailableException, KMS_KEY_DISABLED, false",
        "403, Forbidden, KeyExpired, UnavailableException, KMS_KEY_DISABLED, false",
        "409, Conflict, ObjectIsBeingDeleted, UnavailableException, KMS_KEY_DISABLED, false",
        "403, Forbidden, ForbiddenByRbac, DeniedException, KMS_DENIED, false",
        "401, Unauthorized, '', DeniedException, KMS_DENIED, false",
        "404, KeyNotFound, '', IntegrityException, WRAPPED_KEY_INVALID, false",
        "400, BadParameter, '', IntegrityException, WRAPPED_KEY_INVALID, false",
        "302, Moved, '', RejectedException, KMS_REQUEST_REFUSED, false",
    })
    void answer_ofAnError_isOfItsKindAndRetriedOnlyIfItMayPass(
            int status, String error, String inner, String kind, KeysError code, boolean retried) {
        var wrapped = AzureFixture.wrapped(kms, fixture.aes, context);
        fixture.azure.http().answerNext(10, AzureSimulator.error(status, error, inner));
        int before = fixture.azure.http().asked();

        assertThatExceptionOfType(SottoException.class)
                .isThrownBy(() -> kms.unwrap(wrapped, context))
                .satisfies(failure -> {
                    assertThat(failure.getClass().getSimpleName()).isEqualTo(kind);
                    assertThat(failure.code()).isEqualTo(code);
                    assertThat(failure.getMessage()).doesNotContain("clinic").doesNotContain("who asked");
                });
        assertThat(fixture.azure.http().asked() - before).isEqualTo(retried ? AzureFixture.LIMITS.tries() : 1);
    }

    @Test
    void faults_thatPass_areNotSeen() {
        var wrapped = AzureFixture.wrapped(kms, fixture.aes, context);
        var http = fixture.azure.http();

        http.answerNext(2, AzureSimulator.error(503, "ServiceUnavailable", ""));
        kms.unwrap(wrapped, context).close();
        http.halveNext(1);
        kms.unwrap(wrapped, context).close();
        http.answerNext(1, Answer.json(200, "<html>"));
        kms.unwrap(wrapped, context).close();
        http.answerNext(1, Answer.json(200, "{}"));
        kms.unwrap(wrapped, context).close();
        http.answerNext(1, Answer.json(200, "{\"kid\":\"k\",\"value\":\"AAAA\"}"));
        kms.unwrap(wrapped, context).close();

        assertThat(meter.counted("kms.azure.requests")).isEqualTo(6);
        assertThat(meter.counted("kms.azure.retries")).isEqualTo(6);
        assertThat(meter.timed("kms.azure.unwrap")).hasSize(5);
    }

    @Test
    void throttled_forLongerThanACallMayTake_isNotRetried() {
        var wrapped = AzureFixture.wrapped(kms, fixture.aes, context);
        fixture.azure.http().answerNext(1, new Answer(429, Map.of("Retry-After", "3600"), "{}"));

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> kms.unwrap(wrapped, context))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_THROTTLED));
        assertThat(meter.counted("kms.azure.retries")).isZero();
    }

    @Test
    void disabledKey_isUnavailableUntilItIsEnabled() {
        for (var kek : List.of(fixture.aes, fixture.rsa)) {
            var wrapped = AzureFixture.wrapped(kms, kek, context);
            fixture.azure.disable(kek.name(), true);
            assertThatExceptionOfType(UnavailableException.class)
                    .isThrownBy(() -> kms.unwrap(wrapped, context))
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_KEY_DISABLED));

            fixture.azure.disable(kek.name(), false);

            kms.unwrap(wrapped, context).close();
        }
    }

    /// All operations go to the service: nothing is done with a public key here.
    @Test
    void requests_areThoseOfTheVaultsKind() {
        int before = fixture.azure.http().requests().size();
        kms.unwrap(AzureFixture.wrapped(kms, fixture.aes, context), context).close();
        kms.unwrap(AzureFixture.wrapped(kms, fixture.rsa, context), context).close();

        var operations = fixture.azure.http().requests().stream()
                .skip(before)
                .map(request -> request.uri().getPath())
                .filter(path -> path.startsWith("/keys/"))
                .map(path -> path.substring(path.lastIndexOf('/') + 1))
                .toList();
        assertThat(operations).containsExactly("encrypt", "decrypt", "wrapkey", "unwrapkey");
    }

    /// The configuration says what a vault holds, so that nobody moves a key to the weaker kind by its bytes.
    @Test
    void wrappedUnderOneKind_doesNotOpenAsTheOther() {
        var gcm = AzureFixture.wrapped(kms, fixture.aes, context);
        var rsa = AzureFixture.wrapped(kms, fixture.rsa, context);

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> kms.unwrap(WrappedKey.of(fixture.aes, rsa.bytes()), context));
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> kms.unwrap(WrappedKey.of(fixture.rsa, gcm.bytes()), context));
    }

    @Test
    void keyOfAnotherVaultOrForm_isRefusedBeforeAnythingIsSent() {
        var wrapped = AzureFixture.wrapped(kms, fixture.rsa, context);
        int asked = fixture.azure.http().asked();
        for (var name : List.of(
                fixture.rsa.name().replace("clinic.", "stranger."),
                fixture.rsa.name().replaceFirst("/[0-9a-f]{32}$", ""),
                fixture.rsa.name().replace("/keys/", "/secrets/"),
                fixture.rsa.name().replace("/root/", "/../"))) {
            var kek = new KeyUri("azure:" + name);
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> AzureFixture.wrapped(kms, kek, context));
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> kms.unwrap(WrappedKey.of(kek, wrapped.bytes()), context));
        }
        assertThat(fixture.azure.http().asked()).isEqualTo(asked);
    }

    @Test
    void application_thatAzureRefuses_isDenied() throws IOException {
        try (var wrong = fixture.open(
                fixture.secret("wrong"), Optional.of(fixture.azure.pem(folder)), AzureFixture.LIMITS, meter)) {
            assertThatExceptionOfType(DeniedException.class)
                    .isThrownBy(() -> AzureFixture.wrapped(wrong, fixture.aes, context));
        }
    }

    @Test
    void server_thatNobodyVouchesFor_getsNothing() throws IOException {
        try (var careful =
                fixture.open(fixture.secret(AzureSimulator.SECRET), Optional.empty(), AzureFixture.LIMITS, meter)) {
            int asked = fixture.azure.http().asked();

            assertThatExceptionOfType(UnavailableException.class)
                    .isThrownBy(() -> AzureFixture.wrapped(careful, fixture.aes, context))
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_UNREACHABLE));
            assertThat(fixture.azure.http().asked()).isEqualTo(asked);
        }
    }

    @Test
    void secretFile_thatOthersMayRead_isRefused() throws IOException {
        var exposed = fixture.secret(AzureSimulator.SECRET);
        Files.setPosixFilePermissions(exposed, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatExceptionOfType(DeniedException.class)
                .isThrownBy(() -> fixture.open(exposed, Optional.empty(), AzureFixture.LIMITS, meter));
    }

    /// The SDK at its loudest.
    @Test
    void logs_holdNoKeyAndNoCredential() throws IOException {
        var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        var before = root.getLevel();
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        root.addAppender(lines);
        root.setLevel(Level.TRACE);
        byte[] bytes = new byte[DataKey.LENGTH];
        AzureFixture.RANDOM.nextBytes(bytes);
        try (var key = DataKey.copyOf(bytes);
                var fresh = fixture.open(meter)) {
            fresh.unwrap(fresh.wrap(fixture.aes, key, context), context).close();
        } finally {
            root.setLevel(before);
            root.detachAppender(lines);
        }

        var logged = lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        assertThat(logged).as("the SDK does log").isNotEmpty();
        assertThat(String.join("\n", logged))
                .doesNotContain(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes))
                .doesNotContain(Base64.getEncoder().encodeToString(bytes))
                .doesNotContain(AzureSimulator.SECRET);
    }

    /// The parts of the SDK that serve people at a desk are left out; nobody may miss them. Nothing is asked here.
    @Test
    void defaultChain_needsNothingThatIsLeftOut() {
        var config = AzureKmsConfig.of(Map.of(AzureSimulator.HSM, AzureKeyKind.MANAGED_HSM_AES));

        try (var chained = new AzureKms(config, meter)) {
            assertThat(chained.scheme()).isEqualTo("azure");
        }
    }
}
