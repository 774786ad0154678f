package dev.sotto.store;

import static dev.sotto.store.StoreFixture.AGENT;
import static dev.sotto.store.StoreFixture.USER;
import static dev.sotto.store.StoreFixture.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.AuditEvent;
import dev.sotto.core.CallId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CallsTest {
    @TempDir
    static Path objects;

    private StoreFixture fixture;
    private Tenant tenant;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(TestPostgres.shared(), objects);
        tenant = fixture.tenant();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private Calls calls() {
        return fixture.store.calls();
    }

    @Test
    void tenant_isFoundByItsNumber() {
        assertThat(fixture.store.tenants().byInboundNumber(tenant.inboundNumber()))
                .contains(tenant);
        assertThat(fixture.store.tenants().byInboundNumber("+19995550100")).isEmpty();
        assertThat(fixture.store.tenants().all()).contains(tenant);
    }

    @Test
    void call_throughItsLife_isKeptAndAudited() {
        var offered = fixture.offered(tenant.id(), token(7));
        assertThat(offered.state()).isEqualTo(CallState.OFFERED);

        var started = fixture.clock.instant();
        var connected = calls().connect(tenant.id(), offered.id(), token(7), "node-a", started);
        assertThat(connected.map(CallRecord::state)).contains(CallState.CONNECTED);
        assertThat(calls().connectedOn("node-a")).extracting(CallRecord::id).containsExactly(offered.id());
        calls().announce(tenant.id(), offered.id(), true, CallRecord.RECEPTIONIST, started);
        var subject = fixture.subject(tenant.id());
        calls().verified(tenant.id(), offered.id(), subject);
        assertThat(calls().setOutcome(tenant.id(), offered.id(), CallOutcome.COMPLETED, started.plusSeconds(14)))
                .isTrue();
        assertThat(calls().setOutcome(tenant.id(), offered.id(), CallOutcome.LOST, started.plusSeconds(15)))
                .isFalse();

        var record = calls().find(tenant.id(), offered.id()).orElseThrow();
        assertThat(record.outcome()).contains(CallOutcome.COMPLETED);
        assertThat(record.startedAt()).contains(started);
        assertThat(record.endedAt()).contains(started.plusSeconds(14));
        assertThat(record.verified()).isTrue();
        assertThat(record.recordingAnnounced()).isTrue();
        assertThat(calls().byCarrierCall(record.carrierCallId())).contains(record);
        assertThat(calls().connectedOn("node-a")).isEmpty();
        assertThat(fixture.audit.events().stream()
                        .filter(event -> event.resource().equals("call/" + offered.id()))
                        .map(AuditEvent::type))
                .containsExactly("call.offered", "call.started", "call.announced", "call.verified", "call.ended");
    }

    /// A call that a model is to answer, as far as the stream.
    private CallId modelled() {
        var id = fixture.ids.callId();
        calls().offer(new NewCall(
                tenant.id(),
                id,
                "CA" + id,
                SensitiveText.of("+14155550123"),
                "strict",
                HexFormat.of().formatHex(token(7)),
                fixture.clock.instant().plusSeconds(60),
                CallChannel.VOICE));
        assertThat(calls().connect(tenant.id(), id, token(7), "n", fixture.clock.instant()))
                .isPresent();
        return id;
    }

    private CallRecord record(CallId id) {
        return calls().find(tenant.id(), id).orElseThrow();
    }

    @Test
    void handedOver_inACallOfAModel_isKeptOnceWithItsTimeAndAudited() {
        var id = modelled();
        assertThat(record(id).served()).isEmpty();
        calls().announce(tenant.id(), id, false, "strict", fixture.clock.instant());
        assertThat(record(id).served()).contains("strict");
        assertThat(record(id).fellBack()).isFalse();
        fixture.clock.advance(Duration.ofSeconds(23));
        var at = fixture.clock.instant();

        assertThat(calls().handedOver(tenant.id(), id, StoreError.DATABASE_UNAVAILABLE, at))
                .isTrue();
        assertThat(calls().handedOver(tenant.id(), id, StoreError.CALL_STATE, at.plusSeconds(1)))
                .isFalse();

        var record = record(id);
        assertThat(record.mode()).isEqualTo("strict");
        assertThat(record.served()).contains(CallRecord.RECEPTIONIST);
        assertThat(record.handedOverAt()).contains(at);
        assertThat(record.fellBack()).isTrue();
        assertThat(calls().list(tenant.id(), Optional.empty(), 1)).containsExactly(record);
        assertThat(fixture.audit.events("call.handed_over")).singleElement().satisfies(event -> {
            assertThat(event.resource()).isEqualTo("call/" + id);
            assertThat(event.details())
                    .containsOnly(Map.entry("to", "receptionist"), Map.entry("code", "DATABASE_UNAVAILABLE"));
        });
    }

    @Test
    void announcement_afterAHandOver_doesNotUndoIt_andFromTheStartHasNoTime() {
        var early = modelled();
        var at = fixture.clock.instant();
        calls().handedOver(tenant.id(), early, StoreError.CALL_STATE, at);
        calls().announce(tenant.id(), early, false, "strict", at.plusSeconds(1));
        assertThat(record(early).served()).contains(CallRecord.RECEPTIONIST);
        assertThat(record(early).handedOverAt()).contains(at);

        var never = modelled();
        calls().announce(tenant.id(), never, false, CallRecord.RECEPTIONIST, at);
        assertThat(record(never).fellBack()).isTrue();
        assertThat(record(never).handedOverAt()).isEmpty();
        assertThat(fixture.audit.events("call.announced"))
                .extracting(event -> event.details().get("served"))
                .contains("strict", CallRecord.RECEPTIONIST);
    }

    @Test
    void handedOver_ofACallThatIsNotConnected_orAnothersOrUnrecorded_changesNothing() {
        var other = fixture.tenant();
        var id = modelled();
        var at = fixture.clock.instant();

        assertThatExceptionOfType(ConflictException.class)
                .isThrownBy(() -> calls().handedOver(other.id(), id, StoreError.CALL_STATE, at));
        fixture.audit.goDown();
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> calls().handedOver(tenant.id(), id, StoreError.CALL_STATE, at));
        fixture.audit.comeBack();
        assertThat(record(id).handedOverAt()).isEmpty();
        calls().setOutcome(tenant.id(), id, CallOutcome.HUNG_UP, at);
        assertThatExceptionOfType(ConflictException.class)
                .isThrownBy(() -> calls().handedOver(tenant.id(), id, StoreError.CALL_STATE, at));
        assertThat(fixture.audit.events("call.handed_over")).isEmpty();
    }

    @Test
    void connect_withTheWrongUsedOrExpiredToken_isRefused() {
        var first = fixture.offered(tenant.id(), token(7));
        var now = fixture.clock.instant();

        assertThat(calls().connect(tenant.id(), first.id(), token(8), "n", now)).isEmpty();
        assertThat(calls().connect(tenant.id(), first.id(), token(7), "n", now.plusSeconds(61)))
                .isEmpty();
        assertThat(calls().connect(fixture.tenant().id(), first.id(), token(7), "n", now))
                .isEmpty();
        assertThat(calls().connect(tenant.id(), first.id(), token(7), "n", now)).isPresent();
        assertThat(calls().connect(tenant.id(), first.id(), token(7), "n", now)).isEmpty();
    }

    @Test
    void connect_fromManyAtOnce_connectsOne() throws Exception {
        var call = fixture.offered(tenant.id(), token(7));

        var won = atOnce(
                16,
                () -> calls().connect(tenant.id(), call.id(), token(7), "n", fixture.clock.instant())
                        .isPresent());

        assertThat(won).containsOnlyOnce(true);
        assertThat(fixture.audit.events("call.started")).hasSize(1);
    }

    @Test
    void loseNeverConnected_endsOnlyCallsWhoseTokenExpired() {
        var early = fixture.offered(tenant.id(), token(7));
        var taken = fixture.connected(tenant.id());
        fixture.clock.advance(Duration.ofSeconds(61));
        var late = fixture.offered(tenant.id(), token(8));

        calls().loseNeverConnected(fixture.clock.instant());

        assertThat(calls().find(tenant.id(), early.id()).orElseThrow().outcome())
                .contains(CallOutcome.LOST);
        assertThat(calls().find(tenant.id(), taken).orElseThrow().outcome()).isEmpty();
        assertThat(calls().find(tenant.id(), late.id()).orElseThrow().outcome()).isEmpty();
    }

    @Test
    void offer_ofACarrierCallSeenBefore_conflicts() {
        var call = fixture.offered(tenant.id(), token(7));
        var again = NewCall.receptionist(
                fixture.tenant().id(),
                fixture.ids.callId(),
                call.carrierCallId(),
                SensitiveText.of("+14155550123"),
                token(1),
                fixture.clock.instant());

        assertThatExceptionOfType(ConflictException.class)
                .isThrownBy(() -> calls().offer(again))
                .withMessageNotContaining(call.carrierCallId());
    }

    @Test
    void list_isNewestFirstAndPaged() {
        var ids = new ArrayList<CallId>();
        for (int i = 0; i < 5; i++) {
            fixture.clock.advance(Duration.ofMillis(5));
            ids.add(fixture.offered(tenant.id(), token(i)).id());
        }

        var newest = calls().list(tenant.id(), Optional.empty(), 2);
        assertThat(newest).extracting(CallRecord::id).containsExactly(ids.get(4), ids.get(3));
        assertThat(calls().list(tenant.id(), Optional.of(newest.getLast().id()), 10))
                .extracting(CallRecord::id)
                .containsExactly(ids.get(2), ids.get(1), ids.get(0));
        assertThat(calls().list(fixture.tenant().id(), Optional.empty(), 10)).isEmpty();
    }

    @Test
    void revealFrom_isAuditedFirst() {
        var call = fixture.offered(tenant.id(), token(7));

        assertThat(calls().revealFrom(tenant.id(), call.id(), USER).reveal()).isEqualTo("+14155550123");
        assertThat(fixture.audit.events("call.number_opened")).hasSize(1);
        fixture.audit.goDown();
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> calls().revealFrom(tenant.id(), call.id(), USER));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> calls().revealFrom(tenant.id(), fixture.ids.callId(), USER));
    }

    @Test
    void everyWrite_withoutTheAuditLog_changesNothing() {
        var call = fixture.offered(tenant.id(), token(7));
        fixture.audit.goDown();
        var now = fixture.clock.instant();

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> calls().connect(tenant.id(), call.id(), token(7), "n", now));
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> calls().setOutcome(tenant.id(), call.id(), CallOutcome.FAILED, now));
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> fixture.store.turns().append(tenant.id(), call.id(), turn("hello")));
        fixture.audit.comeBack();
        assertThat(calls().find(tenant.id(), call.id())).contains(call);
        assertThat(fixture.store.turns().list(tenant.id(), call.id(), USER)).isEmpty();
    }

    private NewTurn turn(String text) {
        return new NewTurn(
                fixture.ids.turnId(),
                Speaker.AGENT,
                TurnKind.PROMPT,
                Duration.ofMillis(1200),
                Duration.ofMillis(800),
                TurnText.of(
                        new TurnText.Part.Clear(text + " on "),
                        new TurnText.Part.Protected("DATE", SensitiveText.of("Monday March ninth")),
                        new TurnText.Part.Clear(".")));
    }

    @Test
    void turns_keepTheirOrderTextAndRedaction() {
        var call = fixture.connected(tenant.id());
        var first = turn("first");
        var second = turn("second");
        fixture.store.turns().append(tenant.id(), call, first);
        fixture.store.turns().append(tenant.id(), call, second);

        var turns = fixture.store.turns().list(tenant.id(), call, USER);

        assertThat(turns).extracting(Turn::id).containsExactly(first.id(), second.id());
        assertThat(turns).extracting(Turn::ordinal).containsExactly(1, 2);
        assertThat(turns.getFirst().text()).isEqualTo(first.text());
        assertThat(turns.getFirst().text().redacted()).isEqualTo("first on [DATE].");
        assertThat(calls().find(tenant.id(), call).orElseThrow().turnCount()).isEqualTo(2);
        assertThat(fixture.audit.events("turn.kept"))
                .allSatisfy(event -> assertThat(event.details().get("digest")).hasSize(64));
        assertThat(fixture.audit.events("transcript.opened")).hasSize(1);
    }

    @Test
    void turns_fromManyAtOnce_areAllKeptWithOrdinalsOfTheirOwn() throws Exception {
        var call = fixture.connected(tenant.id());

        atOnce(12, () -> {
            fixture.store.turns().append(tenant.id(), call, turn("at once"));
            return true;
        });

        assertThat(fixture.store.turns().list(tenant.id(), call, USER))
                .extracting(Turn::ordinal)
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    }

    @Test
    void turn_withAChangedClearColumn_doesNotOpen() {
        var call = fixture.connected(tenant.id());
        fixture.store.turns().append(tenant.id(), call, turn("hello"));
        fixture.tamper(tenant.id(), "UPDATE sotto.turn SET speaker = 'CALLER' WHERE call_id = ?", call.value());

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> fixture.store.turns().list(tenant.id(), call, AGENT))
                .satisfies(e -> assertThat(e.code()).isEqualTo(StoreError.ROW_MISMATCH))
                .withMessageContaining("clear column");
    }

    static <T> List<T> atOnce(int threads, Callable<T> work) throws Exception {
        var start = new CyclicBarrier(threads);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var futures = new ArrayList<java.util.concurrent.Future<T>>();
            for (int i = 0; i < threads; i++) {
                futures.add(executor.submit(() -> {
                    start.await();
                    return work.call();
                }));
            }
            var results = new ArrayList<T>();
            for (var future : futures) {
                results.add(future.get());
            }
            return results;
        }
    }

    private CallId ended(Duration length, CallOutcome outcome) {
        var call = fixture.offered(tenant.id(), token(7)).id();
        calls().connect(tenant.id(), call, token(7), "node-a", fixture.clock.instant());
        calls().setOutcome(tenant.id(), call, outcome, fixture.clock.instant().plus(length));
        fixture.clock.advance(Duration.ofMinutes(10));
        return call;
    }

    private List<CallId> found(CallFilter filter) {
        return calls().list(tenant.id(), filter, Optional.empty(), 10).stream()
                .map(CallRecord::id)
                .toList();
    }

    private static CallFilter filter(
            Optional<java.time.Instant> from, Optional<java.time.Instant> until, Optional<CallOutcome> outcome) {
        return new CallFilter(from, until, Optional.empty(), outcome, Optional.empty(), Optional.empty());
    }

    @Test
    void list_filtered_findsByTimeStateOutcomeAndLength() {
        var begun = fixture.clock.instant();
        CallId first = ended(Duration.ofSeconds(10), CallOutcome.COMPLETED);
        CallId second = ended(Duration.ofSeconds(90), CallOutcome.TRANSFERRED);
        CallId third = ended(Duration.ofSeconds(200), CallOutcome.COMPLETED);
        CallId live = fixture.offered(tenant.id(), token(7)).id();

        assertThat(found(CallFilter.all())).containsExactly(live, third, second, first);
        assertThat(found(filter(Optional.of(begun.plusSeconds(600)), Optional.empty(), Optional.empty())))
                .containsExactly(live, third, second);
        assertThat(found(filter(Optional.of(begun), Optional.of(begun.plusSeconds(600)), Optional.empty())))
                .as("until is exclusive")
                .containsExactly(first);
        assertThat(found(filter(Optional.empty(), Optional.empty(), Optional.of(CallOutcome.COMPLETED))))
                .containsExactly(third, first);
        assertThat(found(new CallFilter(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(CallState.OFFERED),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())))
                .containsExactly(live);
        assertThat(found(new CallFilter(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(Duration.ofSeconds(90)),
                        Optional.of(Duration.ofSeconds(199)))))
                .containsExactly(second);
        assertThat(calls().list(
                                tenant.id(),
                                filter(Optional.empty(), Optional.empty(), Optional.of(CallOutcome.COMPLETED)),
                                Optional.of(third),
                                1))
                .extracting(CallRecord::id)
                .as("the page after")
                .containsExactly(first);
    }
}
