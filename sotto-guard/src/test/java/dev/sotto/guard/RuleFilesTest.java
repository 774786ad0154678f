package dev.sotto.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import dev.sotto.guard.RuleFiles.Reload;
import dev.sotto.testkit.FakeAuditSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleFilesTest {
    @TempDir
    private Path folder;

    private final FakeAuditSink audit = new FakeAuditSink();
    private Path policy;
    private Path register;
    private RuleFiles files;

    @BeforeEach
    void open() throws IOException {
        policy = Files.writeString(folder.resolve("policy.yaml"), GuardRules.shippedPolicy());
        register = Files.writeString(folder.resolve("register.yaml"), GuardRules.shippedRegister());
        files = RuleFiles.open(policy, register, audit, GuardRig.ACTOR);
    }

    @AfterEach
    void close() {
        files.close();
    }

    @Test
    void open_recordsWhichRulesCount() {
        assertThat(files.get().label()).isEqualTo(GuardRules.shipped().label());
        assertThat(audit.events())
                .singleElement()
                .satisfies(event -> assertThat(event.details())
                        .containsEntry("policy", files.get().label()));
    }

    @Test
    void poll_withoutAChange_isUnchanged() {
        assertThat(files.poll()).isEqualTo(new Reload.Unchanged());
        assertThat(audit.types()).containsExactly("guard.rules.loaded");
    }

    @Test
    void poll_afterAChange_loadsAndRecordsIt() throws IOException {
        Files.writeString(policy, GuardRules.shippedPolicy().replace("healthcare-1", "healthcare-2"));

        assertThat(files.poll()).isEqualTo(new Reload.Loaded(files.get().label()));
        assertThat(files.get().policy().version()).isEqualTo("healthcare-2");
        assertThat(audit.types()).containsExactly("guard.rules.loaded", "guard.rules.loaded");
    }

    @Test
    void poll_ofAnInvalidFile_keepsTheOldRulesAndSaysSoOnce() throws IOException {
        var before = files.get();
        Files.writeString(policy, "rules: allow everything");

        assertThat(files.poll())
                .isInstanceOfSatisfying(
                        Reload.Refused.class,
                        refused -> assertThat(refused.message()).contains("policy.rules"));
        assertThat(files.poll()).isEqualTo(new Reload.Unchanged());
        assertThat(files.get()).isSameAs(before);
        assertThat(audit.types()).containsExactly("guard.rules.loaded", "guard.rules.refused");
    }

    @Test
    void poll_ofARegisterThatThePolicyDoesNotFit_isRefused() throws IOException {
        Files.writeString(register, GuardRules.shippedRegister().replace("id: local-tools", "id: other-tools"));

        assertThat(files.poll())
                .isInstanceOfSatisfying(
                        Reload.Refused.class,
                        refused ->
                                assertThat(refused.message()).contains("destinations must be an id of the register"));
    }

    @Test
    void poll_ofAMissingOrMalformedFile_keepsTheOldRules() throws IOException {
        var before = files.get();
        Files.delete(register);
        assertThat(files.poll()).isInstanceOf(Reload.Refused.class);
        Files.write(register, new byte[] {(byte) 0xC3, 0x28});
        assertThat(files.poll()).isInstanceOf(Reload.Refused.class);
        Files.write(register, new byte[YamlNode.MAX_CHARACTERS + 1]);
        assertThat(files.poll()).isInstanceOf(Reload.Refused.class);

        assertThat(files.get()).isSameAs(before);
    }

    @Test
    void poll_whileTheAuditLogIsDown_keepsTheOldRulesAndTriesAgain() throws IOException {
        var before = files.get();
        Files.writeString(policy, GuardRules.shippedPolicy().replace("healthcare-1", "healthcare-2"));
        audit.goDown();

        assertThatExceptionOfType(UnavailableException.class).isThrownBy(files::poll);
        assertThat(files.get()).isSameAs(before);
        audit.comeBack();
        assertThat(files.poll()).isInstanceOf(Reload.Loaded.class);
    }

    @Test
    void open_ofAnInvalidFile_fails() throws IOException {
        Files.writeString(policy, "");

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> RuleFiles.open(policy, register, audit, GuardRig.ACTOR));
    }

    @Test
    void watch_seesAChangeByItself() throws Exception {
        var seen = new CountDownLatch(1);
        try (var watched = RuleFiles.open(
                policy,
                register,
                event -> {
                    if (event.details().getOrDefault("policy", "").startsWith("healthcare-2")) {
                        seen.countDown();
                    }
                    return audit.append(event);
                },
                GuardRig.ACTOR)) {
            watched.watch(Duration.ofMillis(5));
            Files.writeString(policy, GuardRules.shippedPolicy().replace("healthcare-1", "healthcare-2"));

            assertThat(seen.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
