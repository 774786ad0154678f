package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ActorId;
import dev.sotto.core.Meter;
import dev.sotto.core.UnavailableException;
import dev.sotto.testkit.FakeAuditSink;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/// What a [Kms] must do that asks a service over a network or a driver. The service of the test can be made silent.
public abstract class RemoteKmsContract extends KmsContract {
    private static final EncryptionContext CONTEXT = EncryptionContext.ofSecret("node-secret");
    private static final Duration SLACK = Duration.ofSeconds(5);

    /// Makes the service take every request and answer none, until [#answerAgain()].
    protected abstract void fallSilent();

    protected abstract void answerAgain();

    /// [KmsCallLimits#total()] of the client under test.
    protected abstract Duration patience();

    @Test
    void silentService_isUnavailableWithinThePatience_andLaterAnswersAgain() {
        try (var key = DataKey.random(new SecureRandom())) {
            var wrapped = kms().wrap(kek(), key, CONTEXT);
            fallSilent();
            try {
                var began = Instant.now();
                assertThatExceptionOfType(UnavailableException.class)
                        .isThrownBy(() -> kms().unwrap(wrapped, CONTEXT))
                        .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_TIMED_OUT));
                assertThatExceptionOfType(UnavailableException.class)
                        .isThrownBy(() -> kms().wrap(kek(), key, CONTEXT))
                        .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_TIMED_OUT));
                assertThat(Duration.between(began, Instant.now()))
                        .isLessThan(patience().multipliedBy(2).plus(SLACK));
            } finally {
                answerAgain();
            }
            assertThat(kms().unwrap(wrapped, CONTEXT)).isEqualTo(key);
        }
    }

    /// The whole hierarchy over the service.
    @Test
    void keyService_overIt_sealsAndOpensAndFailsClosedWhileItIsSilent() {
        var tenants = new KeysFixture();
        var actor = new ActorId(ActorId.Kind.NODE, "remote-node");
        var random = new SecureRandom();
        try (var keys = new KeyService(
                kms(),
                kek(),
                new InMemoryKeyRecords(),
                new FakeAuditSink(),
                Clock.systemUTC(),
                random,
                Meter.none(),
                KeyServiceConfig.defaults(actor))) {
            var tenant = tenants.ids.tenantId();
            keys.createTenant(tenant);
            var context = KeysFixture.recording(tenant, tenants.ids.callId());
            byte[] sealed = keys.sealer().seal(context, new byte[] {1, 2, 3});
            assertThat(keys.sealer().open(context, sealed)).containsExactly(1, 2, 3);
            keys.forgetUnwrapped();
            fallSilent();
            try {
                assertThatExceptionOfType(UnavailableException.class)
                        .isThrownBy(() -> keys.sealer().open(context, sealed));
            } finally {
                answerAgain();
            }
            assertThat(keys.sealer().open(context, sealed)).containsExactly(1, 2, 3);
        } finally {
            tenants.close();
        }
    }
}
