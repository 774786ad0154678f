package dev.sotto.store;

import static dev.sotto.store.StoreFixture.USER;
import static dev.sotto.store.StoreFixture.audio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NoticesTest {
    private static final Duration LEASE = Duration.ofMinutes(2);

    @TempDir
    Path objects;

    private StoreFixture fixture;
    private TenantId tenant;
    private CallId call;
    private String endpoint;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(TestPostgres.shared(), objects);
        tenant = fixture.tenant().id();
        call = fixture.connected(tenant);
        endpoint = "crm-" + tenant; // the database is shared, and endpoints are asked for over all tenants
        fixture.store.notices().tell(StoreFixture.audience(tenant, endpoint));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private List<Notice> notices() {
        return fixture.store.notices().list(tenant, Optional.empty(), Optional.empty(), 200);
    }

    private Delivery delivery() {
        return notices().getFirst().deliveries().getFirst();
    }

    private List<Outbox.Due> due() {
        return fixture.store.outbox().due(endpoint, fixture.clock.instant(), 200);
    }

    private ClaimedDelivery claim() {
        return claimBy("node-a-" + tenant).orElseThrow();
    }

    private Optional<ClaimedDelivery> claimBy(String node) {
        return due().stream()
                .findFirst()
                .flatMap(first -> fixture.store
                        .outbox()
                        .claim(
                                first,
                                endpoint,
                                node,
                                fixture.clock.instant(),
                                fixture.clock.instant().plus(LEASE)));
    }

    private void end(CallOutcome outcome) {
        fixture.store.calls().setOutcome(tenant, call, outcome, fixture.clock.instant());
    }

    @Test
    void noticeOfEveryType_isKept() {
        for (NoticeType type : NoticeType.values()) {
            fixture.store
                    .notices()
                    .raise(NewNotice.of(tenant, type, call, fixture.clock.instant(), Map.of("reason", "rate")));
        }

        assertThat(notices()).extracting(Notice::type).containsExactlyInAnyOrder(NoticeType.values());
    }

    @Test
    void callThatEnds_isToldOnce_withIdsTimesAndCodes() {
        fixture.clock.advance(Duration.ofSeconds(42));
        end(CallOutcome.TRANSFERRED);
        end(CallOutcome.COMPLETED);

        assertThat(notices())
                .extracting(Notice::type)
                .containsExactlyInAnyOrder(NoticeType.CALL_TRANSFERRED, NoticeType.CALL_COMPLETED);
        Notice completed = notices().stream()
                .filter(notice -> notice.type() == NoticeType.CALL_COMPLETED)
                .findFirst()
                .orElseThrow();
        assertThat(completed.call()).contains(call);
        assertThat(completed.details())
                .containsOnlyKeys("outcome", "mode", "served", "offered_at", "started_at", "ended_at", "length_millis")
                .containsEntry("outcome", "transferred")
                .containsEntry("length_millis", "42000");
        assertThat(completed.deliveries()).singleElement().satisfies(delivery -> {
            assertThat(delivery.endpoint()).isEqualTo(endpoint);
            assertThat(delivery.state()).isEqualTo(DeliveryState.WAITING);
            assertThat(delivery.attempts()).isZero();
        });
    }

    @Test
    void callWhoseEndIsNotAudited_isNotTold() {
        fixture.audit.goDown();
        assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> end(CallOutcome.COMPLETED));
        fixture.audit.comeBack();

        assertThat(notices()).isEmpty();
    }

    @Test
    void messageThatIsSealed_isTold() {
        try (var writer = fixture.store.messages().start(tenant, call)) {
            writer.write(audio(0, 24_000));
            writer.finish();
        }

        assertThat(notices()).singleElement().satisfies(notice -> {
            assertThat(notice.type()).isEqualTo(NoticeType.MESSAGE_TAKEN);
            assertThat(notice.details()).containsEntry("length_millis", "3000").containsKey("message");
        });
    }

    @Test
    void nobodyListens_alertsAreKeptAndTheRestIsNot() {
        fixture.store
                .notices()
                .tell(new Notices.Audience(
                        List.of(new Subscription(endpoint, fixture.tenant().id(), Set.of(NoticeType.values()))),
                        Duration.ofDays(3),
                        _ -> {},
                        () -> {}));
        end(CallOutcome.COMPLETED);
        fixture.store.notices().raise(denied());

        assertThat(notices()).singleElement().satisfies(notice -> {
            assertThat(notice.type()).isEqualTo(NoticeType.DISCLOSURE_DENIED);
            assertThat(notice.deliveries()).isEmpty();
        });
    }

    private NewNotice denied() {
        return new NewNotice(
                tenant,
                NoticeType.DISCLOSURE_DENIED,
                Optional.of(call),
                fixture.clock.instant(),
                7,
                Map.of("rule", "no-rule", "destination", "crm"));
    }

    @Test
    void newNotice_withWords_isRefused() {
        for (String words : List.of("my name is Maria", "Maria Jones", "", "a".repeat(65), "line\nbreak", "a=b")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> NewNotice.of(
                            tenant, NoticeType.CALL_COMPLETED, call, fixture.clock.instant(), Map.of("rule", words)))
                    .withMessageNotContaining("Maria");
        }
    }

    @Test
    void claim_isForOneNode_andComesBackWhenItsTimeIsOver() {
        end(CallOutcome.COMPLETED);
        ClaimedDelivery first = claim();

        assertThat(first.attempt()).isEqualTo(1);
        assertThat(due()).isEmpty();
        fixture.clock.advance(LEASE);
        ClaimedDelivery second = claimBy("node-b").orElseThrow();
        assertThat(second.notice()).isEqualTo(first.notice());
        assertThat(second.attempt()).isEqualTo(2);

        assertThat(fixture.store.outbox().sent(first)).as("who claimed earlier").isFalse();
        assertThat(fixture.store.outbox().sent(second)).isTrue();
        assertThat(delivery().state()).isEqualTo(DeliveryState.SENT);
        assertThat(fixture.audit.events("notice.sent")).singleElement().satisfies(event -> {
            assertThat(event.resource()).isEqualTo("call/" + call);
            assertThat(event.details())
                    .containsEntry("notice", first.notice().toString())
                    .containsEntry("attempts", "2")
                    .containsEntry("endpoint", endpoint);
        });
    }

    @Test
    void claims_ofManyAtOnce_areEachForOne() throws Exception {
        for (int i = 0; i < 12; i++) {
            fixture.store.notices().raise(denied());
        }
        var workers = new ArrayList<Callable<Long>>();
        for (int i = 0; i < 6; i++) {
            String node = "node-" + i;
            workers.add(() -> due().stream()
                    .filter(each -> fixture.store
                            .outbox()
                            .claim(
                                    each,
                                    endpoint,
                                    node,
                                    fixture.clock.instant(),
                                    fixture.clock.instant().plus(LEASE))
                            .isPresent())
                    .count());
        }
        long claimed = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var each : threads.invokeAll(workers)) {
                claimed += each.get();
            }
        }

        assertThat(claimed).isEqualTo(12);
        assertThat(due()).isEmpty();
    }

    @Test
    void claimOfANodeThatDied_isReleasedAtItsNextStart() {
        end(CallOutcome.COMPLETED);
        claim();

        assertThat(fixture.store.outbox().releaseClaims("node-b", fixture.clock.instant()))
                .isZero();
        assertThat(fixture.store.outbox().releaseClaims("node-a-" + tenant, fixture.clock.instant()))
                .isEqualTo(1);
        assertThat(due()).hasSize(1);
    }

    @Test
    void retry_waitsUntilItsTime_andSaysWhy() {
        end(CallOutcome.COMPLETED);
        fixture.store.outbox().retry(claim(), fixture.clock.instant().plusSeconds(30), "CONNECT_FAILED");

        assertThat(due()).isEmpty();
        assertThat(fixture.store.notices().backlog(tenant))
                .isEqualTo(new Outbox.Backlog(1, Optional.of(fixture.clock.instant()), 0));
        assertThat(fixture.store.outbox().backlog().waiting()).isPositive();
        assertThat(delivery().lastError()).contains("CONNECT_FAILED");
        assertThat(delivery().nextAttemptAt()).contains(fixture.clock.instant().plusSeconds(30));
        fixture.clock.advance(Duration.ofSeconds(30));
        assertThat(claim().attempt()).isEqualTo(2);
    }

    @Test
    void sentUnaudited_staysClaimed_soThatItIsSentAgain() {
        end(CallOutcome.COMPLETED);
        ClaimedDelivery claimed = claim();
        fixture.audit.goDown();
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> fixture.store.outbox().sent(claimed));
        fixture.audit.comeBack();

        assertThat(delivery().state()).isEqualTo(DeliveryState.WAITING);
        fixture.clock.advance(LEASE);
        assertThat(claim().notice()).isEqualTo(claimed.notice());
    }

    @Test
    void sendAgain_startsAnewUnderTheSameId_andOnlyWhatWasNotSent() {
        end(CallOutcome.COMPLETED);
        ClaimedDelivery claimed = claim();
        fixture.store.outbox().giveUp(claimed, true, "no-rule");
        assertThat(delivery().state()).isEqualTo(DeliveryState.DENIED);
        assertThat(fixture.store.notices().backlog(tenant)).isEqualTo(new Outbox.Backlog(0, Optional.empty(), 1));

        Notice again = fixture.store.notices().sendAgain(tenant, claimed.notice(), Optional.empty(), USER);

        assertThat(again.deliveries().getFirst().state()).isEqualTo(DeliveryState.WAITING);
        assertThat(claim().attempt()).isEqualTo(1);
        fixture.store.notices().sendAgain(tenant, claimed.notice(), Optional.empty(), USER);
        assertThat(fixture.audit.events("notice.sent_again"))
                .as("the second changed nothing")
                .singleElement()
                .satisfies(event -> assertThat(event.actor().kind()).isEqualTo(ActorId.Kind.USER));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> fixture.store
                        .notices()
                        .sendAgain(fixture.tenant().id(), claimed.notice(), Optional.empty(), USER));
    }

    @Test
    void tidy_givesUpWhatIsOver_andForgetsWhatIsOld() {
        end(CallOutcome.COMPLETED);
        fixture.clock.advance(Duration.ofDays(4));
        fixture.store.outbox().tidy(tenant, fixture.clock.instant());

        assertThat(delivery().state()).isEqualTo(DeliveryState.FAILED);
        assertThat(delivery().lastError()).contains("EXPIRED");
        assertThat(fixture.audit.events("notice.given_up")).hasSize(1);
        fixture.clock.advance(Duration.ofDays(27));
        fixture.store.outbox().tidy(tenant, fixture.clock.instant());
        assertThat(notices()).isEmpty();
    }

    @Test
    void waitingDeliveries_areBounded_andAlertsHaveRoomOfTheirOwn() {
        fixture.store.notices().raise(denied());
        fixture.tamper(
                tenant,
                "INSERT INTO sotto.notice SELECT tenant_id, gen_random_uuid(), type, call_id, happened_at, 1, details,"
                        + " created_at FROM sotto.notice, generate_series(1, ?) WHERE tenant_id = ?",
                Notices.MOST_WAITING - 1,
                tenant.value());
        fixture.tamper(
                tenant,
                "INSERT INTO sotto.delivery (tenant_id, notice_id, endpoint, state, created_at, expires_at,"
                        + " next_attempt_at) SELECT tenant_id, id, ?, 'WAITING', created_at, created_at, created_at"
                        + " FROM sotto.notice WHERE tenant_id = ? ON CONFLICT DO NOTHING",
                endpoint,
                tenant.value());
        assertThat(fixture.store.notices().backlog(tenant).waiting()).isEqualTo(Notices.MOST_WAITING);

        end(CallOutcome.COMPLETED);
        assertThat(fixture.meter.counted("store.notice.dropped")).isEqualTo(1);
        assertThat(fixture.store.calls().find(tenant, call).orElseThrow().state())
                .as("the call ends all the same")
                .isEqualTo(CallState.ENDED);
        fixture.store.notices().raise(denied());
        assertThat(fixture.store.notices().backlog(tenant).waiting()).isEqualTo(Notices.MOST_WAITING + 1);
    }

    @Test
    void list_goesByPageAndState() {
        for (int i = 0; i < 5; i++) {
            fixture.store.notices().raise(denied());
            fixture.clock.advance(Duration.ofMillis(1));
        }
        fixture.store.outbox().sent(claim());
        List<Notice> first = fixture.store.notices().list(tenant, Optional.empty(), Optional.empty(), 2);
        List<Notice> second =
                fixture.store.notices().list(tenant, Optional.of(first.getLast().id()), Optional.empty(), 3);

        assertThat(first).hasSize(2).doesNotContainAnyElementsOf(second);
        assertThat(second).hasSize(3);
        assertThat(fixture.store.notices().list(tenant, Optional.empty(), Optional.of(DeliveryState.SENT), 200))
                .singleElement()
                .isEqualTo(second.getLast());
        assertThat(fixture.store.notices().list(fixture.tenant().id(), Optional.empty(), Optional.empty(), 200))
                .isEmpty();
    }

    @Test
    void identityLock_isTold_withoutWaitingForIt() {
        var locks = new ArrayList<Notices.LockListener.Lock>();
        fixture.store.notices().tell(new Notices.Audience(List.of(), Duration.ofDays(3), locks::add, () -> {}));
        var attempt = new IdentityAttempt(
                call, SensitiveText.of("+15550100123"), SensitiveText.of("19840512"), SensitiveText.of("1234"));
        for (int i = 0; i < 2; i++) {
            fixture.store
                    .attempts()
                    .identify(
                            tenant,
                            attempt,
                            new AttemptLimits(1, 100, 100, 100),
                            fixture.clock.instant(),
                            Acting.in(call, StoreFixture.AGENT));
        }

        assertThat(locks).singleElement().satisfies(lock -> {
            assertThat(lock.call()).isEqualTo(call);
            assertThat(lock.scope()).isEqualTo(Identification.Scope.CALL);
        });
    }
}
