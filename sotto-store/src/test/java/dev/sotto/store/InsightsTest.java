package dev.sotto.store;

import static dev.sotto.store.StoreFixture.USER;
import static dev.sotto.store.StoreFixture.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The work after a call, and what comes of it.
final class InsightsTest {
    private static final Duration LEASE = Duration.ofMinutes(3);
    private static final Maker RULES = new Maker("rules-1", "no_model");

    @TempDir
    static Path objects;

    private StoreFixture fixture;
    private TenantId tenant;
    private CallId call;

    @BeforeEach
    void endACall() {
        fixture = new StoreFixture(TestPostgres.shared(), objects);
        tenant = fixture.tenant().id();
        call = fixture.connected(tenant);
        fixture.store.calls().setOutcome(tenant, call, CallOutcome.COMPLETED, fixture.clock.instant());
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private WrapUps wrapUps() {
        return fixture.store.wrapUps();
    }

    private Insights insights() {
        return fixture.store.insights();
    }

    private WrapUps.Due due() {
        return new WrapUps.Due(tenant, call);
    }

    private Optional<WrapUps.Claim> claim(String node) {
        var now = fixture.clock.instant();
        return wrapUps().claim(due(), node, now, now.plus(LEASE));
    }

    private CallSummary summary() {
        return new CallSummary(
                RULES,
                fixture.clock.instant(),
                TurnText.of(
                        new TurnText.Part.Clear("An appointment on "),
                        new TurnText.Part.Protected("DATE", SensitiveText.of("Tuesday")),
                        new TurnText.Part.Clear(" was booked.")));
    }

    private CallAnalytics analytics(OptionalDouble sentiment) {
        return new CallAnalytics(
                new Maker("model some/model", ""), fixture.clock.instant(), sentiment, 75, List.of("booked +40"));
    }

    @Test
    void work_comesWithTheEndOfACallThatHadBegun() {
        var going = fixture.connected(tenant);
        var never = fixture.offered(tenant, token(3)).id();
        fixture.store.calls().setOutcome(tenant, never, CallOutcome.LOST, fixture.clock.instant());

        assertThat(wrapUps().due(fixture.clock.instant()))
                .contains(due())
                .doesNotContain(new WrapUps.Due(tenant, going), new WrapUps.Due(tenant, never));
        assertThat(wrapUps().find(tenant, call)).contains(new WrapUps.View(WrapUpState.PENDING, 0));
        assertThat(wrapUps().find(tenant, never)).isEmpty();
    }

    @Test
    void work_isWantedOnlyIfTheEndOfTheCallIsKept() {
        var other = fixture.connected(tenant);
        fixture.audit.goDown();

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> fixture.store
                        .calls()
                        .setOutcome(tenant, other, CallOutcome.COMPLETED, fixture.clock.instant()));

        assertThat(wrapUps().find(tenant, other)).isEmpty();
    }

    @Test
    void claim_ofManyAtOnce_isGivenOnce() throws Exception {
        var go = new CountDownLatch(1);
        List<Future<Optional<WrapUps.Claim>>> claims = new ArrayList<>();
        try (var nodes = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                String node = "n" + i;
                Callable<Optional<WrapUps.Claim>> one = () -> {
                    go.await();
                    return claim(node);
                };
                claims.add(nodes.submit(one));
            }
            go.countDown();
        }
        int given = 0;
        for (var claim : claims) {
            given += claim.get().isPresent() ? 1 : 0;
        }
        assertThat(given).isEqualTo(1);
        assertThat(wrapUps().due(fixture.clock.instant())).doesNotContain(due());
    }

    @Test
    void claim_ofANodeThatDied_runsOutAndItsHolderCanEndNothing() {
        var lost = claim("n1").orElseThrow();
        fixture.clock.advance(LEASE);

        var next = claim("n2").orElseThrow();

        assertThat(next.attempt()).isEqualTo(2);
        assertThat(wrapUps().finish(lost, WrapUpState.DONE)).isFalse();
        wrapUps().postpone(lost, fixture.clock.instant());
        assertThat(wrapUps().due(fixture.clock.instant())).doesNotContain(due());
        assertThat(wrapUps().finish(next, WrapUpState.DONE)).isTrue();
        assertThat(wrapUps().find(tenant, call)).contains(new WrapUps.View(WrapUpState.DONE, 2));
    }

    @Test
    void work_thatIsNotDone_isSaidInTheLog() {
        wrapUps().finish(claim("n1").orElseThrow(), WrapUpState.FAILED);

        assertThat(fixture.audit.events("call.wrap_up_failed"))
                .singleElement()
                .satisfies(event -> assertThat(event.resource()).isEqualTo("call/" + call));
        assertThat(claim("n1")).isEmpty();
    }

    @Test
    void insights_areOpenedAsTheyWereKept() {
        assertThat(insights().keep(tenant, call, summary())).isTrue();
        assertThat(insights().keep(tenant, call, analytics(OptionalDouble.of(-0.25))))
                .isTrue();

        var opened = insights().open(tenant, call, USER);

        assertThat(opened.summary()).contains(summary());
        assertThat(opened.analytics()).contains(analytics(OptionalDouble.of(-0.25)));
        assertThat(wrapUps().made(tenant, call)).containsExactly(InsightKind.SUMMARY, InsightKind.ANALYTICS);
        assertThat(fixture.audit.events("call.summarised"))
                .singleElement()
                .satisfies(event -> assertThat(event.details())
                        .containsEntry("by", "rules-1")
                        .containsEntry("reason", "no_model")
                        .containsKey("digest"));
        assertThat(fixture.audit.events("call.scored")).hasSize(1);
        assertThat(fixture.audit.events("call.insights_opened"))
                .singleElement()
                .satisfies(event -> assertThat(event.actor()).isEqualTo(USER));
    }

    @Test
    void insight_isKeptOnceAndNeverChanged() {
        insights().keep(tenant, call, analytics(OptionalDouble.empty()));

        assertThat(insights().keep(tenant, call, analytics(OptionalDouble.of(1))))
                .isFalse();

        assertThat(insights().open(tenant, call, USER).analytics()).contains(analytics(OptionalDouble.empty()));
    }

    @Test
    void insight_whoseMakerWasChangedInTheDatabase_doesNotOpen() {
        insights().keep(tenant, call, summary());
        fixture.tamper(
                tenant,
                "UPDATE sotto.call_insight SET made_by = 'model x', reason = '' WHERE call_id = ?",
                call.value());

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> insights().open(tenant, call, USER));
    }

    @Test
    void insight_movedToAnotherCall_doesNotOpen() {
        var other = fixture.connected(tenant);
        insights().keep(tenant, call, summary());
        fixture.tamper(tenant, "UPDATE sotto.call_insight SET call_id = ?", other.value());

        assertThatExceptionOfType(SottoException.class)
                .isThrownBy(() -> insights().open(tenant, other, USER))
                .withMessageNotContaining("Tuesday");
    }

    @Test
    void insight_ofACallWhoseKeyIsDestroyed_isGone() {
        insights().keep(tenant, call, summary());
        fixture.keys.destroyRecordKey(tenant, DataClass.SUMMARY, new KeyOwner.OfCall(call));

        assertThatExceptionOfType(SottoException.class)
                .isThrownBy(() -> insights().open(tenant, call, USER));
    }

    @Test
    void reveal_ofASummary_givesProtectedPartsAndIsOneEntry() {
        insights().keep(tenant, call, summary());

        var revealed = insights().reveal(tenant, call, OptionalInt.of(1), USER);

        assertThat(revealed.keySet()).containsExactly(1);
        assertThat(revealed.get(1).value().reveal()).isEqualTo("Tuesday");
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> insights().reveal(tenant, call, OptionalInt.of(0), USER));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> insights().reveal(fixture.tenant().id(), call, OptionalInt.empty(), USER));
        assertThat(fixture.audit.events("summary.revealed"))
                .hasSize(2)
                .allSatisfy(event -> assertThat(event.details().toString()).doesNotContain("Tuesday"));
    }

    @Test
    void withoutAuditLog_nothingIsKeptAndNothingOpened() {
        insights().keep(tenant, call, summary());
        fixture.audit.goDown();

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> insights().open(tenant, call, USER));
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> insights().keep(tenant, call, analytics(OptionalDouble.empty())));
        assertThat(wrapUps().made(tenant, call)).containsExactly(InsightKind.SUMMARY);
    }
}
