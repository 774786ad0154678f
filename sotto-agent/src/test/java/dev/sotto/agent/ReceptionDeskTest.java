package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.ActorId;
import dev.sotto.core.SensitiveText;
import dev.sotto.media.AfterStream;
import dev.sotto.media.Answer;
import dev.sotto.media.CloseReason;
import dev.sotto.media.IncomingCall;
import dev.sotto.media.Refusal;
import dev.sotto.media.RefusalReason;
import dev.sotto.store.ArtifactState;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.CallState;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole calls over a real database.
class ReceptionDeskTest {
    private static final ActorId READER = new ActorId(ActorId.Kind.USER, "reader");
    private static final Optional<String> PERSON = Optional.of("+15550100911");

    @TempDir
    Path objects;

    @Test
    void call_ofAPatient_isKeptWhole() throws Exception {
        try (var rig = new DeskRig(objects, true, PERSON)) {
            rig.patients();
            var call = rig.call(rig.desk("n1"), "+15550104417");
            call.verified().keys("9").hears("goodbye").listens();
            assertThat(call.leg().awaitClosed()).isTrue();

            assertThat(call.after()).isEqualTo(new AfterStream.HangUp());
            var record = rig.store.calls().find(rig.id(), call.connect().call()).orElseThrow();
            assertThat(record.outcome()).contains(CallOutcome.COMPLETED);
            assertThat(record.verified()).isTrue();
            var turns = rig.store.turns().list(rig.id(), record.id(), READER);
            assertThat(turns.stream().map(turn -> turn.text().redacted()))
                    .contains(
                            "[DATE OF BIRTH]",
                            "[PHONE, LAST FOUR]",
                            "verify_identity: verified",
                            "lookup_appointment: 1 record read",
                            "Your next appointment is on [DATE] at [TIME].",
                            "pressed 9");
            var recording = rig.store.recordings().find(rig.id(), record.id()).orElseThrow();
            assertThat(recording.state()).isEqualTo(ArtifactState.SEALED);
            assertThat(rig.keys.audit.types())
                    .containsSubsequence(
                            "call.offered",
                            "call.started",
                            "call.announced",
                            "tool.called",
                            "subject.searched",
                            "identity.verified",
                            "call.verified",
                            "tool.answered",
                            "tool.called",
                            "appointment.read",
                            "tool.answered",
                            "recording.sealed",
                            "call.ended");
            assertThat(rig.keys.audit.types().indexOf("recording.started"))
                    .isGreaterThan(rig.keys.audit.types().indexOf("call.announced"));
        }
    }

    @Test
    void recording_holdsWhatWasHeard() throws Exception {
        try (var rig = new DeskRig(objects, true, PERSON)) {
            var call = rig.call(rig.desk("n1"), "+15550104417");
            call.hears("announce.ai", "announce.recorded").listens().hears("announce.keys");
            call.hangsUp();

            var announcement = CallRig.VOICE
                    .clip(Phrase.of("announce.ai", "announce.recorded"))
                    .toByteArray();
            try (var reader =
                    rig.store.recordings().open(rig.id(), call.connect().call(), READER)) {
                var stereo = ByteBuffer.allocate((int) reader.sizeBytes());
                while (stereo.hasRemaining() && reader.read(stereo.position(), stereo) >= 0) {
                    // until all is read
                }
                for (int i = 0; i < announcement.length / 160 * 160; i++) {
                    assertThat(stereo.get(2 * i)).isEqualTo((byte) 0xFF);
                    assertThat(stereo.get(2 * i + 1)).isEqualTo(announcement[i]);
                }
            }
        }
    }

    @Test
    void unknownNumber_andRepeatedCall_areRefusedAndAudited() throws Exception {
        try (var rig = new DeskRig(objects, false, PERSON)) {
            var desk = rig.desk("n1");
            var sid = DeskRig.sid();
            var unknown = new IncomingCall(DeskRig.ACCOUNT, sid, SensitiveText.of(""), "+15559999999", Map.of());

            assertThat(desk.answer(unknown)).isEqualTo(new Answer.Refuse(Answer.RejectReason.REJECTED));
            assertThat(desk.answer(rig.incoming(sid))).isInstanceOf(Answer.Connect.class);
            assertThat(desk.answer(rig.incoming(sid))).isEqualTo(new Answer.Refuse(Answer.RejectReason.REJECTED));
            assertThat(rig.keys.audit.events("call.refused").stream()
                            .map(event -> event.details().get("reason")))
                    .containsExactly("unknown_number", "repeated_call");
            assertThat(rig.meter.gauged("agent.calls.held")).isEqualTo(1);
        }
    }

    @Test
    void token_connectsOnceAcrossNodes() throws Exception {
        try (var rig = new DeskRig(objects, false, PERSON);
                var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var one = rig.desk("n1");
            var two = rig.desk("n2");
            for (int round = 0; round < 10; round++) {
                var sid = DeskRig.sid();
                var connect = (Answer.Connect) one.answer(rig.incoming(sid));
                List<Callable<Boolean>> tries = List.of(
                        () -> connects(rig, one, sid, connect),
                        () -> connects(rig, two, sid, connect),
                        () -> connects(rig, one, sid, connect),
                        () -> connects(rig, two, sid, connect));
                int connected = 0;
                for (var attempt : pool.invokeAll(tries)) {
                    connected += attempt.get() ? 1 : 0;
                }
                assertThat(connected).isEqualTo(1);
            }
        }
    }

    private static boolean connects(DeskRig rig, ReceptionDesk desk, String sid, Answer.Connect connect)
            throws InterruptedException {
        var leg = new FakeLeg(rig.timers);
        var listener = desk.connect(DeskRig.start(sid, connect), leg);
        if (listener.isEmpty()) {
            return false;
        }
        leg.connect(listener.get());
        leg.hangUp();
        return leg.awaitClosed();
    }

    @Test
    void wrongOrExpiredToken_orAnotherCallsId_doesNotConnect() throws Exception {
        try (var rig = new DeskRig(objects, false, PERSON)) {
            var desk = rig.desk("n1");
            var sid = DeskRig.sid();
            var connect = (Answer.Connect) desk.answer(rig.incoming(sid));
            var leg = new FakeLeg(rig.timers);
            var otherSid = DeskRig.sid();
            var other = (Answer.Connect) desk.answer(rig.incoming(otherSid));

            assertThat(desk.connect(DeskRig.start(otherSid, connect), leg)).isEmpty();
            assertThat(desk.connect(DeskRig.start(sid, connect, other.token()), leg))
                    .isEmpty();
            assertThat(desk.connect(DeskRig.start(sid, connect, SensitiveText.of("x")), leg))
                    .isEmpty();
            rig.timers.advance(Duration.ofSeconds(61));
            assertThat(desk.connect(DeskRig.start(sid, connect), leg)).isEmpty();
            assertThat(rig.meter.gauged("agent.calls.held")).isZero();
        }
    }

    @Test
    void wrongToken_doesNotTakeTheCallsPlace() throws Exception {
        try (var rig = new DeskRig(objects, false, PERSON)) {
            var desk = rig.desk("n1", rig.store, 1);
            var sid = DeskRig.sid();
            var connect = (Answer.Connect) desk.answer(rig.incoming(sid));
            var leg = new FakeLeg(rig.timers);
            for (int i = 0; i < 3; i++) {
                assertThat(desk.connect(DeskRig.start(sid, connect, SensitiveText.of("guess" + i)), leg))
                        .isEmpty();
            }
            assertThat(rig.meter.gauged("agent.calls.held")).isEqualTo(1);
            assertThat(connects(rig, desk, sid, connect)).isTrue();
        }
    }

    @Test
    void identityAttempts_countAcrossCallsAndNodes() throws Exception {
        try (var rig = new DeskRig(objects, false, Optional.empty())) {
            rig.patients();
            var first = rig.call(rig.desk("n1"), "+15550200001").announced();
            for (int i = 0; i < 2; i++) {
                first.identifies("19840512", "000" + i)
                        .hears("identity.failed")
                        .hears("ask.dob")
                        .listens();
            }
            first.hangsUp();
            var second = rig.call(rig.desk("n2"), "+15550200002").announced();
            second.identifies("19840512", "0003")
                    .hears("identity.failed")
                    .hears("ask.dob")
                    .listens();
            second.identifies("19840512", "0004")
                    .hears("identity.failed")
                    .hears("ask.dob")
                    .listens();
            second.hangsUp();
            var third = rig.call(rig.desk("n3"), "+15550200003").announced();
            third.identifies("19840512", "0005")
                    .hears("identity.failed")
                    .hears("ask.dob")
                    .listens();
            third.identifies("19840512", "4417").hears("identity.locked").hears("goodbye");
            third.hangsUp();

            assertThat(rig.keys.audit.events("identity.failed")).hasSize(5);
            assertThat(rig.keys.audit.events("identity.locked")).hasSize(1);
            assertThat(rig.keys.audit.events("identity.verified")).isEmpty();
        }
    }

    @Test
    void databaseDown_midCall_transfersAndIsKeptWhenItIsBack() throws Exception {
        try (var rig = new DeskRig(objects, false, PERSON)) {
            rig.patients();
            var call = rig.call(rig.desk("n1"), "+15550104417").verified();
            rig.database.off();
            call.keys("3").hears("trouble", "transfer.hold").listens();
            assertThat(call.leg().awaitClosed()).isTrue();

            assertThat(call.after()).isEqualTo(new AfterStream.Dial(PERSON.orElseThrow()));
            rig.timers.awaitPending(Duration.ofSeconds(5)); // the caller is let go before this is found out
            rig.database.on();
            rig.timers.advance(Duration.ofSeconds(5));
            rig.settle();
            var record = rig.store.calls().find(rig.id(), call.connect().call()).orElseThrow();
            assertThat(record.outcome()).contains(CallOutcome.FAILED);
            assertThat(rig.store.turns().list(rig.id(), record.id(), READER).stream()
                            .map(turn -> turn.text().redacted()))
                    .contains("pressed 3", "book: unavailable");
        }
    }

    @Test
    void deadStream_isDialledOrApologisedForAndNeverConnectedAgain() throws Exception {
        for (var person : List.of(PERSON, Optional.<String>empty())) {
            try (var rig = new DeskRig(objects, false, person)) {
                var call = rig.call(rig.desk("n1"), "+15550104417").announced();
                var other = rig.desk("n2");
                AfterStream expected =
                        person.<AfterStream>map(AfterStream.Dial::new).orElseGet(AfterStream.Apologise::new);
                for (int i = 0; i < 3; i++) {
                    assertThat(other.after(DeskRig.ended(call.sid(), call.connect())))
                            .isEqualTo(expected);
                }
                var record =
                        rig.store.calls().find(rig.id(), call.connect().call()).orElseThrow();
                assertThat(record.state()).isEqualTo(CallState.ENDED);
                assertThat(record.outcome()).contains(CallOutcome.LOST);
                call.leg().listener().closed(CloseReason.PEER_CLOSED);
                assertThat(call.leg().awaitClosed()).isTrue();
                assertThat(call.after()).isEqualTo(expected);
            }
        }
    }

    @Test
    void transfer_isDialledFromAnyNode() throws Exception {
        try (var rig = new DeskRig(objects, false, PERSON)) {
            var call = rig.call(rig.desk("n1"), "+15550104417").announced();
            call.keys("*0").hears("transfer.hold").listens();
            assertThat(call.leg().awaitClosed()).isTrue();

            assertThat(call.after()).isEqualTo(new AfterStream.Dial(PERSON.orElseThrow()));
            assertThat(rig.desk("n2").after(DeskRig.ended(call.sid(), call.connect())))
                    .isEqualTo(new AfterStream.Dial(PERSON.orElseThrow()));
        }
    }

    @Test
    void calls_beyondTheLimit_hearTheBusyTone() throws Exception {
        try (var rig = new DeskRig(objects, false, PERSON)) {
            var desk = rig.desk("n1", rig.store, 1);
            var call = rig.call(desk, "+15550104417");

            assertThat(desk.answer(rig.incoming(DeskRig.sid()))).isEqualTo(new Answer.Refuse(Answer.RejectReason.BUSY));
            call.hangsUp();
            assertThat(call.after()).isEqualTo(new AfterStream.HangUp());
        }
    }

    @Test
    void offer_thatNeverConnects_isLost() throws Exception {
        try (var rig = new DeskRig(objects, false, PERSON)) {
            var desk = rig.desk("n1");
            var connect = (Answer.Connect) desk.answer(rig.incoming(DeskRig.sid()));
            rig.timers.advance(Duration.ofSeconds(60));
            rig.settle();

            assertThat(rig.store
                            .calls()
                            .find(rig.id(), connect.call())
                            .orElseThrow()
                            .outcome())
                    .contains(CallOutcome.LOST);
        }
    }

    @Test
    void databaseDown_refusesNewCallsPolitely() throws Exception {
        try (var rig = new DeskRig(objects, false, PERSON)) {
            var desk = rig.desk("n1");
            rig.database.off();

            assertThat(desk.answer(rig.incoming(DeskRig.sid()))).isEqualTo(new Answer.Refuse(Answer.RejectReason.BUSY));
            assertThat(rig.meter.gauged("agent.calls.held")).isZero();
        }
    }

    @Test
    void refusals_ofTheEdge_areAuditedAtABoundedRate() throws Exception {
        try (var rig = new DeskRig(objects, false, PERSON)) {
            var desk = rig.desk("n1");
            for (int i = 0; i < 1_000; i++) {
                desk.refused(new Refusal(RefusalReason.BAD_SIGNATURE, "", "", false));
            }
            assertThat(rig.keys.audit.events("call.refused")).hasSize(3);
        }
    }

    @Test
    void authToken_isKnownForOurAccountsOnly() throws Exception {
        try (var rig = new DeskRig(objects, false, PERSON)) {
            var desk = rig.desk("n1");
            assertThat(desk.authToken(DeskRig.ACCOUNT)).isPresent();
            assertThat(desk.authToken("AC" + "1".repeat(32))).isEmpty();
        }
    }

    @Test
    void booking_thenCancelling_changesTheRealRows() throws Exception {
        try (var rig = new DeskRig(objects, false, PERSON)) {
            rig.patients();
            var call = rig.call(rig.desk("n1"), "+15550104417").verified();
            call.keys("3");
            call.leg().next();
            call.keys("1").hears(Phrase.of("book.done").then(Phrase.when(LocalDateTime.parse("2026-11-25T09:00"))));
            call.hears("menu.appointment");
            call.keys("2").hears("cancel.confirm").keys("1").hears("cancel.done");
            call.hears(Phrase.of("appointment.next").then(Phrase.when(LocalDateTime.parse("2026-11-25T09:00"))));
            call.hangsUp();

            assertThat(rig.keys.audit.types()).contains("appointment.booked", "appointment.cancelled");
        }
    }
}
