package dev.sotto.kms.vault;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KeysError;
import dev.sotto.keys.KmsCallLimits;
import dev.sotto.keys.WrappedKey;
import dev.sotto.kms.vault.VaultSimulator.Fault;
import dev.sotto.testkit.FakeMeter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server that is sealed, throttles, answers nonsense, or does not believe the node any more.
class VaultFaultTest {
    private static final KeyUri ROOT = new KeyUri("vault:transit/root");
    private static final EncryptionContext CONTEXT = EncryptionContext.ofSecret("node-secret");
    private static final KmsCallLimits LIMITS = new KmsCallLimits(
            Duration.ofSeconds(10), Duration.ofSeconds(20), 3, Duration.ofMillis(1), Duration.ofMillis(1), 8);

    @TempDir
    private Path folder;

    private final FakeMeter meter = new FakeMeter();
    private final AtomicLong now = new AtomicLong();
    private final DataKey key = DataKey.random(new SecureRandom());
    private VaultSimulator vault;
    private VaultKms kms;
    private WrappedKey wrapped;

    @BeforeEach
    void start() throws Exception {
        var identity = TestIdentity.of("localhost");
        vault = new VaultSimulator(identity, identity.pem(folder.resolve("anchors.pem")));
        vault.engines.get("transit").create("root", true);
        kms = open(vault.config(Logins.appRole(folder), LIMITS));
        wrapped = kms.wrap(ROOT, key, CONTEXT);
    }

    @AfterEach
    void stop() {
        kms.close();
        vault.close();
        assertThat(vault.complaints()).isEmpty();
    }

    @Test
    void passingFailures_areTriedAgain() {
        for (int status : new int[] {307, 412, 429, 472, 473, 500, 502, 503, 504}) {
            vault.next(status, status);

            assertThat(kms.unwrap(wrapped, CONTEXT)).as("after %d", status).isEqualTo(key);
        }
        vault.next(new Fault.HalfAnswer(), new Fault.Body("<html>a proxy's page"));
        assertThat(kms.unwrap(wrapped, CONTEXT)).isEqualTo(key);
        assertThat(meter.counted("kms.vault.retries")).isEqualTo(20);
    }

    @Test
    void lastingFailures_areUnavailableByTheirKind() {
        var codes = Map.of(429, KeysError.KMS_THROTTLED, 500, KeysError.KMS_FAILED, 503, KeysError.KMS_FAILED);
        codes.forEach((status, code) -> {
            vault.next(status, status, status);
            assertThatExceptionOfType(UnavailableException.class)
                    .isThrownBy(() -> kms.unwrap(wrapped, CONTEXT))
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
        });
    }

    @Test
    void retryAfter_longerThanTheCallMayTake_endsItAtOnce() {
        vault.next(new Fault.Status(429, Map.of("Retry-After", "3600")));

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> kms.unwrap(wrapped, CONTEXT))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_THROTTLED));
        assertThat(meter.counted("kms.vault.retries")).isZero();
    }

    @Test
    void nonsenseAnswers_areNeverAKey() {
        for (var body : List.of(
                "",
                "[]",
                "{}",
                "{\"data\":{}}",
                "{\"data\":{\"plaintext\":7}}",
                "{\"data\":{\"plaintext\":\"c2hvcnQ=\"}}",
                "{\"data\":{\"plaintext\":\"not base 64!\"}}",
                "{\"other\":{\"plaintext\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}}",
                "{\"data\":{\"inner\":{\"plaintext\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}}}",
                "x".repeat(200_000))) {
            vault.next(new Fault.Body(body), new Fault.Body(body), new Fault.Body(body));

            assertThatExceptionOfType(UnavailableException.class)
                    .as(body.length() > 100 ? "a long one" : body)
                    .isThrownBy(() -> kms.unwrap(wrapped, CONTEXT));
        }
        for (var text : List.of("", "vault:v0:AAAA", "vault:v1:AAAA", "local:v1:" + "AAAA".repeat(20))) {
            var body = new Fault.Body("{\"data\":{\"ciphertext\":\"%s\"}}".formatted(text));
            vault.next(body, body, body);

            assertThatExceptionOfType(UnavailableException.class)
                    .as(text)
                    .isThrownBy(() -> kms.wrap(ROOT, key, CONTEXT))
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_ANSWER_INVALID));
        }
    }

    @Test
    void rewrapAnswer_withAnOlderVersion_isRefused() {
        vault.engines.get("transit").rotate("root");
        var second = kms.wrap(ROOT, key, CONTEXT);
        var old = new Fault.Body("{\"data\":{\"ciphertext\":\"%s\"}}".formatted(new String(wrapped.bytes(), US_ASCII)));
        vault.next(old, old, old);

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> kms.rewrap(second, CONTEXT, ROOT))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_ANSWER_INVALID));
    }

    @Test
    void versionBelowTheServersFloor_doesNotOpen() {
        vault.engines.get("transit").rotate("root");
        vault.engines.get("transit").refuseBelow("root", 2);

        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> kms.unwrap(wrapped, CONTEXT));
    }

    @Test
    void revokedToken_isReplacedByALogin_butNotOnEveryCall() {
        vault.revokeAllTokens();
        assertThatExceptionOfType(DeniedException.class)
                .as("fresh, so that a login would not help")
                .isThrownBy(() -> kms.unwrap(wrapped, CONTEXT));
        assertThat(vault.logins).hasValue(1);

        pass(Duration.ofSeconds(6));
        assertThat(kms.unwrap(wrapped, CONTEXT)).isEqualTo(key);
        assertThat(vault.logins).hasValue(2);
    }

    @Test
    void policyThatForbidsTheKey_isDeniedAndNotTriedAgain() {
        pass(Duration.ofSeconds(6));
        vault.next(403, 403);

        assertThatExceptionOfType(DeniedException.class)
                .isThrownBy(() -> kms.unwrap(wrapped, CONTEXT))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_DENIED));
        assertThat(meter.counted("kms.vault.retries")).isZero();
    }

    @Test
    void token_isRenewedAfterTwoThirdsOfItsLife_andMadeAnewWhenThatIsRefused() {
        pass(Duration.ofMinutes(39));
        kms.unwrap(wrapped, CONTEXT).close();
        assertThat(vault.renewals).hasValue(0);

        pass(Duration.ofMinutes(2));
        kms.unwrap(wrapped, CONTEXT).close();
        assertThat(vault.renewals).hasValue(1);
        assertThat(vault.logins).hasValue(1);

        vault.lease(Duration.ofHours(1), false);
        pass(Duration.ofMinutes(41));
        kms.unwrap(wrapped, CONTEXT).close();
        assertThat(vault.renewals).hasValue(2);
        assertThat(vault.logins).hasValue(2);
    }

    @Test
    void refusedLogin_isDenied_andSaysNoSecret() {
        try (var stranger = open(vault.config(Logins.appRole(folder, "another-secret-half"), LIMITS))) {
            assertThatExceptionOfType(DeniedException.class).isThrownBy(() -> stranger.unwrap(wrapped, CONTEXT));
        }
        assertThat(meter.counted("kms.vault.retries")).isZero();
    }

    @Test
    void kubernetesLogin_readsTheTokenAnewEachTime() throws Exception {
        var file = folder.resolve("token");
        Files.writeString(file, "an-old-token\n");
        var login = new VaultLogin.Kubernetes("clusters/kube-1", "sotto", file);
        try (var pod = open(vault.config(login, LIMITS))) {
            assertThatExceptionOfType(DeniedException.class).isThrownBy(() -> pod.unwrap(wrapped, CONTEXT));
            Files.writeString(file, VaultSimulator.JWT + "\n");
            assertThat(pod.unwrap(wrapped, CONTEXT)).isEqualTo(key);
            Files.delete(file);
            vault.revokeAllTokens();
            pass(Duration.ofSeconds(6));
            assertThatExceptionOfType(UnavailableException.class)
                    .isThrownBy(() -> pod.unwrap(wrapped, CONTEXT))
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(VaultError.VAULT_LOGIN_UNREADABLE));
        }
    }

    @Test
    void keyThatCouldLeaveTheServer_isRefusedByTheRule() {
        var rules = Map.<String, Object>of(
                "exportable", true,
                "allow_plaintext_backup", true,
                "deletion_allowed", true,
                "convergent_encryption", true,
                "type", "aes128-gcm96");
        rules.forEach((field, value) -> {
            vault.engines.get("transit").create(field, true);
            vault.engines.get("transit").describe(field, field, value);
            assertThatExceptionOfType(RejectedException.class)
                    .as(field)
                    .isThrownBy(() -> kms.wrap(new KeyUri("vault:transit/" + field), key, CONTEXT))
                    .withMessageStartingWith("key (%s) must ".formatted(field))
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(VaultError.VAULT_KEY_UNFIT));
        });
    }

    @Test
    void keyThatBecameExportable_isRefusedWithinMinutes() {
        vault.engines.get("transit").describe("root", "exportable", true);
        pass(Duration.ofMinutes(6));

        assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> kms.wrap(ROOT, key, CONTEXT));
    }

    @Test
    void deletedKey_isNotMadeAnew() {
        vault.engines.get("transit").delete("root");
        pass(Duration.ofMinutes(6));

        assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> kms.wrap(ROOT, key, CONTEXT));
        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> kms.unwrap(wrapped, CONTEXT));
        assertThat(vault.engines.get("transit").has("root")).isFalse();
    }

    @Test
    void tenantsOwnMount_isAnotherPlaceForKeys_andOthersAreNone() {
        vault.engines.get("tenants/t1").create("own", true);
        var own = new KeyUri("vault:tenants/t1/own");

        assertThat(kms.unwrap(kms.wrap(own, key, CONTEXT), CONTEXT)).isEqualTo(key);
        for (var uri : List.of(
                "vault:secret/own", "vault:transit/../sys/seal", "vault:transit/a/b", "vault:transit/..", "vault:/x")) {
            assertThatExceptionOfType(RejectedException.class)
                    .as(uri)
                    .isThrownBy(() -> kms.wrap(new KeyUri(uri), key, CONTEXT));
        }
    }

    @Test
    void serverOfAnotherName_orWithoutAnAnchor_isNeverShownASecret() throws Exception {
        var stranger = TestIdentity.of("vault.example");
        try (var other = new VaultSimulator(stranger, stranger.pem(folder.resolve("stranger.pem")))) {
            other.engines.get("transit").create("root", true);
            try (var wrongName = open(other.config(Logins.appRole(folder), LIMITS))) {
                assertThatExceptionOfType(UnavailableException.class)
                        .isThrownBy(() -> wrongName.wrap(ROOT, key, CONTEXT));
            }
            var config = other.config(Logins.appRole(folder), LIMITS);
            var unknown = new VaultConfig(
                    config.address(),
                    config.namespace(),
                    config.mounts(),
                    config.login(),
                    Optional.of(vault.anchors()),
                    LIMITS);
            try (var noAnchor = open(unknown)) {
                assertThatExceptionOfType(UnavailableException.class)
                        .isThrownBy(() -> noAnchor.wrap(ROOT, key, CONTEXT));
            }
            assertThat(other.requests()).isEmpty();
        }
    }

    @Test
    void failures_holdNoTokenSecretOrAnswer() {
        for (int status : new int[] {400, 403, 405, 429, 503}) {
            vault.next(status, status, status);
            var text = new StringBuilder();
            for (var failure = catchThrowable(() -> kms.unwrap(wrapped, CONTEXT));
                    failure != null;
                    failure = failure.getCause()) {
                assertThat(text.isEmpty() == (failure instanceof SottoException))
                        .isTrue();
                text.append(failure).append('\n');
            }
            assertThat(text)
                    .isNotEmpty()
                    .doesNotContain("hvs.", VaultSimulator.SECRET_ID, "injected", "localhost", "vault:v1");
            vault.forgetFaults();
            vault.tokens().forEach(token -> assertThat(text).doesNotContain(token));
        }
    }

    @Test
    void configs_thatCouldLeadElsewhere_areRefused() {
        var login = Logins.appRole(folder);
        for (var address : List.of(
                "http://localhost:8200",
                "https://user@localhost",
                "https://localhost/path",
                "https://localhost?x",
                "https:localhost")) {
            assertThatExceptionOfType(RejectedException.class)
                    .as(address)
                    .isThrownBy(() -> new VaultConfig(
                            URI.create(address), Optional.empty(), Set.of("transit"), login, Optional.empty(), LIMITS));
        }
        for (var mount : List.of("", "/transit", "a/../b", "a b", "a?b")) {
            assertThatExceptionOfType(RejectedException.class)
                    .as(mount)
                    .isThrownBy(() -> new VaultConfig(
                            vault.address(), Optional.empty(), Set.of(mount), login, Optional.empty(), LIMITS));
            assertThatExceptionOfType(RejectedException.class)
                    .as(mount)
                    .isThrownBy(() -> new VaultLogin.Kubernetes(mount, "sotto", folder));
        }
    }

    private VaultKms open(VaultConfig config) {
        return VaultKms.open(config, meter, new SplittableRandom(), now::get);
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }
}
