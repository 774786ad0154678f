package dev.sotto.kms.gcp;

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
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/// What Google may answer, and what becomes of it.
class GcpKmsFaultsTest {
    private final FakeMeter meter = new FakeMeter();
    private final EncryptionContext context = GcpFixture.context();

    @TempDir
    private Path folder;

    private GcpFixture gcp;
    private GcpKms kms;

    @BeforeEach
    void start() throws IOException {
        gcp = new GcpFixture(folder);
        kms = gcp.open(meter);
    }

    @AfterEach
    void stop() {
        kms.close();
        gcp.close();
    }

    @ParameterizedTest
    @CsvSource({
        "429, RESOURCE_EXHAUSTED, UnavailableException, KMS_THROTTLED, true",
        "500, INTERNAL, UnavailableException, KMS_FAILED, true",
        "503, UNAVAILABLE, UnavailableException, KMS_FAILED, true",
        "504, DEADLINE_EXCEEDED, UnavailableException, KMS_FAILED, true",
        "409, ABORTED, UnavailableException, KMS_FAILED, true",
        "400, FAILED_PRECONDITION, UnavailableException, KMS_KEY_DISABLED, false",
        "403, PERMISSION_DENIED, DeniedException, KMS_DENIED, false",
        "404, NOT_FOUND, IntegrityException, WRAPPED_KEY_INVALID, false",
        "400, INVALID_ARGUMENT, IntegrityException, WRAPPED_KEY_INVALID, false",
        "302, MOVED, RejectedException, KMS_REQUEST_REFUSED, false",
    })
    void answer_ofAnError_isOfItsKindAndRetriedOnlyIfItMayPass(
            int status, String error, String kind, KeysError code, boolean retried) {
        var wrapped = GcpFixture.wrapped(kms, gcp.kek, context);
        gcp.google.http().answerNext(10, GcpKmsSimulator.error(status, error));
        int before = gcp.google.http().asked();

        assertThatExceptionOfType(SottoException.class)
                .isThrownBy(() -> kms.unwrap(wrapped, context))
                .satisfies(failure -> {
                    assertThat(failure.getClass().getSimpleName()).isEqualTo(kind);
                    assertThat(failure.code()).isEqualTo(code);
                    assertThat(failure.getMessage()).doesNotContain("projects").doesNotContain("who asked");
                });
        assertThat(gcp.google.http().asked() - before).isEqualTo(retried ? GcpFixture.LIMITS.tries() : 1);
    }

    @Test
    void faults_thatPass_areNotSeen() {
        var wrapped = GcpFixture.wrapped(kms, gcp.kek, context);
        var http = gcp.google.http();

        http.answerNext(2, GcpKmsSimulator.error(503, "UNAVAILABLE"));
        kms.unwrap(wrapped, context).close();
        http.halveNext(1);
        kms.unwrap(wrapped, context).close();
        http.hangUpNext(1);
        kms.unwrap(wrapped, context).close();
        http.answerNext(1, Answer.json(200, "<html>"));
        kms.unwrap(wrapped, context).close();
        http.answerNext(1, Answer.json(200, "{\"plaintext\":[1]}"));
        kms.unwrap(wrapped, context).close();

        assertThat(meter.counted("kms.gcp.requests")).isEqualTo(6);
        assertThat(meter.counted("kms.gcp.retries")).isEqualTo(6);
        assertThat(meter.timed("kms.gcp.unwrap")).hasSize(5);
    }

    @Test
    void throttled_forLongerThanACallMayTake_isNotRetried() {
        var wrapped = GcpFixture.wrapped(kms, gcp.kek, context);
        gcp.google.http().answerNext(1, new Answer(429, Map.of("Retry-After", "3600"), "{}"));

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> kms.unwrap(wrapped, context))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_THROTTLED));
        assertThat(meter.counted("kms.gcp.retries")).isZero();
    }

    @Test
    void answers_withAWrongOrMissingChecksum_areRefused() {
        var wrapped = GcpFixture.wrapped(kms, gcp.kek, context);
        refusesToOpen(wrapped, answer -> answer.put("plaintextCrc32c", "1"));
        refusesToOpen(wrapped, answer -> {
            answer.remove("plaintextCrc32c");
            return answer;
        });
        refusesToOpen(wrapped, answer -> answer.put("plaintext", "AAAA"));
        refusesToWrap(answer -> answer.put("ciphertextCrc32c", "1"));
        refusesToWrap(answer -> answer.put("verifiedPlaintextCrc32c", false));
        refusesToWrap(answer -> {
            answer.remove("verifiedAdditionalAuthenticatedDataCrc32c");
            return answer;
        });
        refusesToWrap(answer -> answer.put("name", gcp.otherKek.name() + "/cryptoKeyVersions/1"));
        refusesToWrap(answer -> answer.put("name", gcp.kek.name()));
    }

    private void refusesToOpen(WrappedKey wrapped, UnaryOperator<ObjectNode> meddling) {
        gcp.google.meddle(meddling);
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> kms.unwrap(wrapped, context))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_ANSWER_INVALID));
        gcp.google.meddle(UnaryOperator.identity());
        kms.unwrap(wrapped, context).close();
    }

    private void refusesToWrap(UnaryOperator<ObjectNode> meddling) {
        gcp.google.meddle(meddling);
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> GcpFixture.wrapped(kms, gcp.kek, context))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_ANSWER_INVALID));
        gcp.google.meddle(UnaryOperator.identity());
    }

    @Test
    void rotation_isFollowedAndTheVersionIsBound() {
        var first = GcpFixture.wrapped(kms, gcp.kek, context);
        gcp.google.rotate("root");
        gcp.google.rotate("root");
        int before = gcp.google.http().asked();
        var third = GcpFixture.wrapped(kms, gcp.kek, context);
        assertThat(gcp.google.http().asked() - before).as("once more").isEqualTo(2);
        GcpFixture.wrapped(kms, gcp.kek, context);
        assertThat(gcp.google.http().asked() - before).as("learnt").isEqualTo(3);

        assertThat(GcpWrapping.read(first).keyVersion()).isEqualTo(1);
        assertThat(GcpWrapping.read(third).keyVersion()).isEqualTo(3);
        kms.unwrap(first, context).close();
        kms.unwrap(third, context).close();
        var claimed = new GcpWrapping(3, GcpWrapping.read(first).ciphertext()).under(gcp.kek);
        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> kms.unwrap(claimed, context));
    }

    @Test
    void keyThatRotatesAtEveryRequest_isGivenUp() {
        gcp.google.rotate("root");
        gcp.google.meddle(answer -> {
            gcp.google.rotate("root");
            return answer;
        });

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> GcpFixture.wrapped(kms, gcp.kek, context));
    }

    @Test
    void disabledKey_isUnavailableUntilItIsEnabled() {
        var wrapped = GcpFixture.wrapped(kms, gcp.kek, context);
        gcp.google.disable("root", true);
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> kms.unwrap(wrapped, context))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_KEY_DISABLED));

        gcp.google.disable("root", false);

        kms.unwrap(wrapped, context).close();
    }

    @Test
    void keyOfAnotherProjectOrForm_isRefusedBeforeAnythingIsSent() {
        var wrapped = GcpFixture.wrapped(kms, gcp.kek, context);
        int asked = gcp.google.http().asked();
        for (var name : List.of(
                gcp.kek.name().replace("clinic-keys", "other-keys"),
                gcp.kek.name() + "/cryptoKeyVersions/1",
                gcp.kek.name().replace("cryptoKeys", "secrets"),
                gcp.kek.name().replace("root", ".."))) {
            var kek = new KeyUri("gcp:" + name);
            assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> GcpFixture.wrapped(kms, kek, context));
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> kms.unwrap(WrappedKey.of(kek, wrapped.bytes()), context));
        }
        assertThat(gcp.google.http().asked()).isEqualTo(asked);
    }

    @Test
    void token_isRenewedOnceAfterItWasRevoked() {
        var wrapped = GcpFixture.wrapped(kms, gcp.kek, context);
        gcp.google.forgetTokens();

        kms.unwrap(wrapped, context).close();

        assertThat(meter.counted("kms.gcp.retries")).isZero();
    }

    @Test
    void account_thatIsUnknownOrAbsent_isDenied() throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        var stranger = gcp.google.keyFile(folder, generator.generateKeyPair());
        try (var unknown = gcp.open(stranger, meter);
                var malformed = gcp.open(folder, meter)) {
            assertThatExceptionOfType(DeniedException.class)
                    .isThrownBy(() -> GcpFixture.wrapped(unknown, gcp.kek, context));
            assertThatExceptionOfType(SottoException.class)
                    .isThrownBy(() -> GcpFixture.wrapped(malformed, gcp.kek, context));
        }
    }

    @Test
    void credentials_thatOthersMayRead_areRefused() throws IOException {
        var exposed = Files.createFile(folder.resolve("exposed"));
        Files.setPosixFilePermissions(exposed, PosixFilePermissions.fromString("rw-r-----"));

        assertThatExceptionOfType(DeniedException.class)
                .isThrownBy(() -> gcp.open(exposed, meter))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KEY_STORE_EXPOSED));
    }

    @Test
    void silentTokenServer_isUnavailableInTime() {
        gcp.google.tokenServer().fallSilent();

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> GcpFixture.wrapped(kms, gcp.kek, context))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_TIMED_OUT));
    }

    /// Google's client at its loudest: it logs through the JDK's logging, whole requests if it may.
    @Test
    void logs_holdNoKeyAndNoAssertion() {
        var lines = new ArrayList<String>();
        var handler = listening(lines);
        var jdk = LogManager.getLogManager().getLogger("");
        var slf4j = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        var appender = new ListAppender<ILoggingEvent>();
        var before = slf4j.getLevel();
        appender.start();
        slf4j.addAppender(appender);
        slf4j.setLevel(Level.TRACE);
        jdk.addHandler(handler);
        jdk.setLevel(java.util.logging.Level.ALL);
        byte[] bytes = new byte[DataKey.LENGTH];
        GcpFixture.RANDOM.nextBytes(bytes);
        try (var key = DataKey.copyOf(bytes);
                var fresh = gcp.open(meter)) {
            fresh.unwrap(fresh.wrap(gcp.kek, key, context), context).close();
        } finally {
            jdk.setLevel(java.util.logging.Level.INFO);
            jdk.removeHandler(handler);
            slf4j.setLevel(before);
            slf4j.detachAppender(appender);
        }

        appender.list.forEach(event -> lines.add(event.getFormattedMessage()));
        assertThat(lines).as("the JDK's HTTP does log").isNotEmpty();
        var text = String.join("\n", lines);
        assertThat(text)
                .doesNotContain(Base64.getEncoder().encodeToString(bytes))
                .doesNotContain(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes))
                .doesNotContain("assertion=");
    }

    private static Handler listening(List<String> lines) {
        return new Handler() {
            @Override
            public void publish(LogRecord line) {
                synchronized (lines) {
                    lines.add(String.valueOf(line.getMessage()));
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }
}
