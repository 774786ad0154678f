package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.media.CloseReason;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.Identification;
import dev.sotto.store.NewTurn;
import dev.sotto.store.Speaker;
import dev.sotto.store.TurnKind;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CallLoopTest {
    private static final Duration FLOOR = CallRig.TIMES.identityFloor();

    @Test
    void call_ofVerifiedCaller_readsTheNextAppointment() throws Exception {
        try (var rig = new CallRig(true, true).start()) {
            rig.verified();
            rig.keys("9").hears("goodbye").listens();

            assertThat(rig.ended().outcome()).isEqualTo(CallOutcome.COMPLETED);
            assertThat(rig.leg.awaitClosed()).isTrue();
            assertThat(rig.file.redacted())
                    .containsExactly(
                            "Hello. You have reached an automated assistant. This call is recorded."
                                    + " To stop the recording, press star nine.",
                            "At any time, press star zero for a person, or star one to leave a message.",
                            "To hear about your appointments, enter your date of birth as eight digits: the year, the"
                                    + " month, and the day. Then press pound.",
                            "[DATE OF BIRTH]",
                            "Now enter the last four digits of the phone number we have on file. Then press pound.",
                            "[PHONE, LAST FOUR]",
                            "verify_identity: verified",
                            "lookup_appointment: 1 record read",
                            "One moment, please.",
                            "Thank you. You are verified.",
                            "Your next appointment is on [DATE] at [TIME].",
                            "To hear it again, press one. To cancel it, press two. To book another, press three. To"
                                    + " leave a message, press four. For a person, press zero. To end, press nine.",
                            "pressed 9",
                            "Goodbye.");
            assertThat(rig.audit.types())
                    .containsExactly(
                            "tool.called", "identity.verified", "tool.answered", "tool.called", "tool.answered");
        }
    }

    @Test
    void turns_ofProtectedKeys_keepTheValueOnlyAsProtected() throws Exception {
        try (var rig = new CallRig(true, true).start()) {
            rig.verified();
            rig.leg.hangUp();
            rig.ended();

            assertThat(rig.file.turns.stream().map(turn -> turn.text().toString()))
                    .noneMatch(text -> text.contains(FakeCallFile.BORN) || text.contains(FakeCallFile.PHONE_END));
            assertThat(rig.file.outcome).contains(CallOutcome.HUNG_UP);
        }
    }

    @Test
    void key_whilePromptPlays_clearsItAndTheTurnHoldsWhatWasHeard() throws Exception {
        try (var rig = new CallRig(false, true).start()) {
            rig.hears("announce.ai", "announce.not-recorded").listens();
            rig.hears("announce.keys").hears("ask.dob");
            rig.timers.advance(Duration.ofSeconds(1));

            rig.keys("1");
            rig.waits(CallRig.TIMES.interKey());
            rig.hears("input.none").hears("ask.dob");
            rig.leg.hangUp();
            rig.ended();

            assertThat(rig.leg.clears()).isEqualTo(1);
            var cut = rig.file.turns.get(1);
            assertThat(cut.length()).isEqualTo(Duration.ofSeconds(1));
            assertThat(cut.text().redacted()).startsWith("At any time");
            assertThat(rig.file.redacted().get(2)).isEqualTo("[DATE OF BIRTH]");
        }
    }

    @Test
    void announcement_isHeardWholeAndKeysTypedAheadCount() throws Exception {
        try (var rig = new CallRig(true, true).start()) {
            rig.hears("announce.ai", "announce.recorded");
            rig.keys(FakeCallFile.BORN + "#" + FakeCallFile.PHONE_END + "#");
            rig.timers.advance(Duration.ofSeconds(1));
            assertThat(rig.leg.clears()).isZero();

            rig.listens()
                    .hears("announce.keys")
                    .hears("ask.dob")
                    .hears("ask.factor")
                    .hears("identity.checking");
            rig.waits(FLOOR).hears("identity.verified");
        }
    }

    @Test
    void failures_ofEveryKind_soundTheSameAndComeAtTheSameTime() throws Exception {
        for (var entry : List.of(
                List.of("19990101", "0000"), // nobody
                List.of("19840512", "9999"), // a wrong factor
                List.of("19841399", "4417"), // no date
                List.of("2999", "4417"), // too short
                List.of("1984051299999999", "4"))) {
            for (var slow : List.of(Duration.ZERO, Duration.ofMillis(1), Duration.ofMillis(450))) {
                try (var rig = new CallRig(false, false).start()) {
                    rig.announced();
                    rig.file.whileIdentifying = () -> rig.timers.elapse(slow);
                    rig.keys(entry.get(0) + "#").hears("ask.factor").listens();
                    var asked = rig.timers.now();
                    rig.keys(entry.get(1) + "#").hears("identity.checking");
                    rig.waits(FLOOR.minus(slow));
                    rig.hears("identity.failed").hears("ask.dob");

                    assertThat(rig.timers.now().minus(asked)).isEqualTo(FLOOR);
                }
            }
        }
    }

    @Test
    void check_slowerThanTheFloor_answersAtItsNextMultiple() throws Exception {
        try (var rig = new CallRig(false, false).start()) {
            rig.announced();
            rig.file.whileIdentifying = () -> rig.timers.elapse(Duration.ofMillis(700));
            rig.keys("19990101#").hears("ask.factor").listens();
            rig.keys("0000#").hears("identity.checking").waits(Duration.ofMillis(500));
            rig.hears("identity.failed");
        }
    }

    @Test
    void attempts_overTheLimitOfACall_lockAndTransfer() throws Exception {
        try (var rig = new CallRig(false, true).start()) {
            rig.announced();
            for (int attempt = 1; attempt <= 3; attempt++) {
                rig.identifies("19990101", "0000").hears("identity.failed");
                if (attempt < 3) {
                    rig.hears("ask.dob").listens();
                }
            }
            rig.hears("identity.locked").hears("transfer.hold").listens();

            assertThat(rig.ended().outcome()).isEqualTo(CallOutcome.TRANSFERRED);
        }
    }

    @Test
    void lockedElsewhere_withoutAPerson_saysGoodbye() throws Exception {
        try (var rig = new CallRig(false, false).start()) {
            rig.file.locked = Optional.of(Identification.Scope.CALLER);
            rig.announced().identifies(FakeCallFile.BORN, FakeCallFile.PHONE_END);
            rig.hears("identity.locked").hears("goodbye").listens();

            assertThat(rig.ended().outcome()).isEqualTo(CallOutcome.COMPLETED);
            assertThat(rig.audit.events("identity.locked")).hasSize(1);
            assertThat(rig.file.acts).doesNotContain("verified");
        }
    }

    @Test
    void audit_thatDoesNotAnswerMidCall_endsInTroubleAndDisclosesNothing() throws Exception {
        try (var rig = new CallRig(true, false).start()) {
            rig.verified();
            rig.audit.goDown();
            rig.keys("3").hears("trouble", "goodbye").listens();

            assertThat(rig.ended().outcome()).isEqualTo(CallOutcome.FAILED);
            assertThat(rig.file.acts).doesNotContain("freeSlots");
        }
    }

    @Test
    void store_thatDoesNotAnswerMidCall_transfersAndKeepsTheRestForLater() throws Exception {
        try (var rig = new CallRig(true, true).start()) {
            rig.announced();
            rig.file.down = true;
            rig.keys("19840512#"); // the turn of these keys is what fails first
            boolean factor = rig.leg.next().equals(CallRig.VOICE.clip(Phrase.of("ask.factor")));
            assertThat(factor).isTrue();
            rig.hears("trouble", "transfer.hold").listens();

            var end = rig.ended();
            assertThat(end.outcome()).isEqualTo(CallOutcome.FAILED);
            assertThat(end.stored()).isFalse();
            assertThat(end.turns().stream().map(turn -> turn.text().redacted())).contains("[DATE OF BIRTH]");
            rig.file.down = false;
            var aftercare = new Aftercare(rig.timers, rig.beside, rig.meter, Duration.ofSeconds(5));
            aftercare.take(end);
            rig.timers.advance(Duration.ofSeconds(5));
            rig.beside.shutdown();
            assertThat(rig.beside.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            assertThat(rig.file.redacted()).contains("[DATE OF BIRTH]");
            assertThat(rig.file.outcome).contains(CallOutcome.FAILED);
            assertThat(aftercare.size()).isZero();
        }
    }

    @Test
    void store_thatHangsMidCall_letsTheCallerGoBeforeItIsWaitedFor() throws Exception {
        var hung = new CountDownLatch(1);
        try (var rig = new CallRig(true, true).start()) {
            rig.announced();
            rig.file.holdEnd = Optional.of(hung);
            rig.audit.goDown();
            rig.keys("*0").hears("trouble", "transfer.hold").listens();

            assertThat(rig.leg.awaitClosed()).isTrue();
            assertThat(rig.told).containsExactly(CallOutcome.FAILED);
            assertThat(rig.end).isNotDone();
            hung.countDown();
            assertThat(rig.ended().outcome()).isEqualTo(CallOutcome.FAILED);
        } finally {
            hung.countDown();
        }
    }

    @Test
    void store_thatIsDownFromTheStart_neverAnnouncesAndNeverRecords() throws Exception {
        try (var rig = new CallRig(true, false)) {
            rig.file.down = true;
            rig.start().hears("trouble", "goodbye");
            rig.leg.listener().audio(100, new byte[160]);
            rig.listens();

            assertThat(rig.ended().outcome()).isEqualTo(CallOutcome.FAILED);
            assertThat(rig.file.recordings).isEmpty();
        }
    }

    @Test
    void answer_ofAnEarlierTurn_isDiscarded() throws Exception {
        try (var rig = new CallRig(false, true).start()) {
            var hold = new CountDownLatch(1);
            rig.file.holdIdentify = Optional.of(hold);
            rig.announced();
            rig.keys("19840512#").hears("ask.factor").listens();
            rig.keys("4417#").hears("identity.checking");
            rig.keys("*1").hears("voicemail.intro", "tone.beep");
            hold.countDown();
            rig.waits(FLOOR);
            rig.listens();
            rig.waits(CallRig.TIMES.messageLimit());
            rig.hears("voicemail.saved");

            assertThat(rig.meter.counted("agent.event.stale")).isPositive();
        }
    }

    @Test
    void message_isTheCallerOnlyAndMakesTheOutcome() throws Exception {
        try (var rig = new CallRig(false, true).start()) {
            rig.announced();
            rig.keys("*1").hears("voicemail.intro", "tone.beep").listens();
            rig.timers.awaitPending(CallRig.TIMES.messageLimit());
            long from = rig.leg.position().toMillis();
            var speech = new byte[160];
            for (int i = 0; i < 50; i++) {
                rig.timers.advance(Duration.ofMillis(20));
                rig.leg.listener().audio(from + i * 20L, speech);
            }
            rig.keys("#").hears("voicemail.saved").hears("goodbye").listens();

            assertThat(rig.ended().outcome()).isEqualTo(CallOutcome.VOICEMAIL);
            assertThat(rig.file.messages).hasSize(1);
            assertThat(rig.file.messages.getFirst().finished()).isTrue();
            assertThat(rig.file.messages.getFirst().audio()).hasSize(8_000).containsOnly(0);
            assertThat(rig.file.recordings).isEmpty();
        }
    }

    @Test
    void hangUp_duringAMessage_keepsIt() throws Exception {
        try (var rig = new CallRig(false, true).start()) {
            rig.announced();
            rig.keys("*1").hears("voicemail.intro", "tone.beep").listens();
            rig.timers.awaitPending(CallRig.TIMES.messageLimit());
            rig.leg.listener().audio(rig.leg.position().toMillis(), new byte[160]);
            rig.leg.hangUp();

            assertThat(rig.ended().outcome()).isEqualTo(CallOutcome.VOICEMAIL);
            assertThat(rig.file.messages.getFirst().finished()).isTrue();
        }
    }

    @Test
    void starNine_sealsTheRecordingUpToThere() throws Exception {
        try (var rig = new CallRig(true, true).start()) {
            rig.announced();
            rig.keys("*9").hears("recording.stopped").hears("ask.dob");
            long now = rig.leg.position().toMillis();
            rig.leg.listener().audio(now, new byte[160]);
            rig.leg.hangUp();
            rig.ended();

            var recording = rig.file.recordings.getFirst();
            assertThat(recording.finished()).isTrue();
            assertThat(recording.audio().length).isLessThanOrEqualTo((int) now * 16);
            assertThat(rig.audit.events("recording.stopped")).hasSize(1);
        }
    }

    @Test
    void recording_isWhatTheCallerHeardAndNothingBeforeTheAnnouncement() throws Exception {
        try (var rig = new CallRig(true, true).start()) {
            rig.hears("announce.ai", "announce.recorded").listens();
            rig.hears("announce.keys");
            rig.leg.hangUp();
            rig.ended();

            var stereo = rig.file.recordings.getFirst().audio();
            var announcement = CallRig.VOICE
                    .clip(Phrase.of("announce.ai", "announce.recorded"))
                    .toByteArray();
            int whole = announcement.length / 160 * 160;
            for (int i = 0; i < whole; i++) {
                assertThat(stereo[2 * i]).isEqualTo((byte) 0xFF);
                assertThat(stereo[2 * i + 1]).isEqualTo(announcement[i]);
            }
        }
    }

    @Test
    void audio_beforeTheAnnouncementIsLogged_isNeverKept() throws Exception {
        try (var rig = new CallRig(true, true)) {
            var logged = new CountDownLatch(1);
            rig.file.holdAnnounce = Optional.of(logged);
            rig.start();
            var speech = new byte[160];
            for (int i = 0; i < 50; i++) {
                rig.timers.advance(Duration.ofMillis(20));
                rig.leg.listener().audio(i * 20L, speech);
                rig.leg.listener().heard(i * 20L, speech);
            }
            logged.countDown();
            rig.hears("announce.ai", "announce.recorded");
            rig.leg.listener().audio(980, speech); // arrives after, was spoken before
            rig.leg.listener().audio(1_000, speech);
            rig.leg.hangUp();
            rig.ended();

            var stereo = rig.file.recordings.getFirst().audio();
            assertThat(stereo).hasSize(1_020 * 16);
            for (int i = 0; i < 1_000 * 16; i++) {
                assertThat(stereo[i]).isEqualTo((byte) 0xFF);
            }
            assertThat(stereo[1_000 * 16]).isZero();
        }
    }

    @Test
    void marks_thatNeverComeBack_areTakenAsHeardAfterAWhile() throws Exception {
        try (var rig = new CallRig(false, true)) {
            rig.leg.loseMarks();
            rig.start().hears("announce.ai", "announce.not-recorded").listens();
            rig.waits(CallRig.TIMES.markGrace()).hears("announce.keys").hears("ask.dob");

            assertThat(rig.meter.counted("agent.mark.overdue")).isEqualTo(1);
        }
    }

    @Test
    void prompt_thatThePeerTakesLate_isWaitedFor() throws Exception {
        try (var rig = new CallRig(false, true)) {
            var late = Duration.ofSeconds(7);
            rig.leg.loseMarks();
            rig.leg.takesLate(late);
            rig.start().hears("announce.ai", "announce.not-recorded").listens();
            rig.waits(CallRig.TIMES.markGrace());
            rig.timers.awaitPending(late.plus(CallRig.TIMES.markGrace()));

            assertThat(rig.leg.silent()).isTrue();
            assertThat(rig.meter.counted("agent.mark.overdue")).isZero();
            rig.leg.takesLate(Duration.ZERO);
            rig.timers.advance(late.plus(CallRig.TIMES.markGrace()));
            rig.hears("announce.keys").hears("ask.dob");
            assertThat(rig.meter.counted("agent.mark.waiting")).isEqualTo(1);
        }
    }

    @Test
    void silence_threeTimes_endsTheCall() throws Exception {
        try (var rig = new CallRig(false, true).start()) {
            rig.announced();
            for (int i = 0; i < 2; i++) {
                rig.waits(CallRig.TIMES.noInput())
                        .hears("input.none")
                        .hears("ask.dob")
                        .listens();
            }
            rig.waits(CallRig.TIMES.noInput())
                    .hears("input.none")
                    .hears("goodbye")
                    .listens();

            assertThat(rig.ended().outcome()).isEqualTo(CallOutcome.COMPLETED);
        }
    }

    @Test
    void call_thatIsTooLong_isEnded() throws Exception {
        var limits = new CallLimits(Duration.ofSeconds(40), 400, 64, 4, Duration.ofSeconds(10));
        try (var rig = new CallRig(false, true, limits).start()) {
            rig.hears("announce.ai", "announce.not-recorded");
            rig.timers.advance(Duration.ofSeconds(40));
            boolean goodbye = false;
            while (!goodbye) {
                goodbye = rig.leg.next().equals(CallRig.VOICE.clip(Phrase.of("goodbye")));
            }
            rig.listens();

            assertThat(rig.ended().outcome()).isEqualTo(CallOutcome.COMPLETED);
        }
    }

    @Test
    void call_withTooManyTurns_isEnded() throws Exception {
        var limits = new CallLimits(Duration.ofMinutes(30), 12, 64, 4, Duration.ofSeconds(10));
        try (var rig = new CallRig(false, true, limits).start()) {
            rig.verified();
            rig.keys("1");
            boolean goodbye = false;
            while (!goodbye) {
                goodbye = rig.leg.next().equals(CallRig.VOICE.clip(Phrase.of("goodbye")));
                rig.keys("1");
            }
            rig.listens();

            assertThat(rig.ended().outcome()).isEqualTo(CallOutcome.COMPLETED);
            assertThat(rig.file.turns).hasSizeLessThanOrEqualTo(16);
        }
    }

    @Test
    void stream_thatBreaks_isALostCall() throws Exception {
        try (var rig = new CallRig(true, true).start()) {
            rig.announced();
            rig.leg.listener().closed(CloseReason.PEER_CLOSED);

            assertThat(rig.ended().outcome()).isEqualTo(CallOutcome.LOST);
        }
    }

    @Test
    void booking_ofAnOfferedSlot_isSaidAndKept() throws Exception {
        try (var rig = new CallRig(false, true).start()) {
            rig.verified();
            rig.keys("3");
            rig.hears(offers());
            rig.keys("2");
            rig.hears(Phrase.of("book.done").then(Phrase.when(LocalDateTime.parse("2026-11-25T13:05"))));
            rig.hears("menu.appointment");

            assertThat(rig.file.acts).contains("book");
        }
    }

    @Test
    void booking_ofASlotTakenMeanwhile_offersAnew() throws Exception {
        try (var rig = new CallRig(false, true).start()) {
            rig.verified();
            rig.keys("3");
            rig.hears(offers());
            rig.file.take(0);
            rig.keys("1").hears("book.taken");
            rig.hears(Phrase.of("offer.intro", "offer.for")
                    .then(Phrase.when(LocalDateTime.parse("2026-11-25T13:05")))
                    .then("offer.press", "number.1", "offer.for")
                    .then(Phrase.when(LocalDateTime.parse("2026-12-01T00:15")))
                    .then("offer.press", "number.2", "offer.back"));
        }
    }

    private static Phrase offers() {
        return Phrase.of("offer.intro", "offer.for")
                .then(Phrase.when(LocalDateTime.parse("2026-11-25T09:00")))
                .then("offer.press", "number.1", "offer.for")
                .then(Phrase.when(LocalDateTime.parse("2026-11-25T13:05")))
                .then("offer.press", "number.2", "offer.for")
                .then(Phrase.when(LocalDateTime.parse("2026-12-01T00:15")))
                .then("offer.press", "number.3", "offer.back");
    }

    @Test
    void cancelling_asksFirstAndThenReadsWhatIsNext() throws Exception {
        try (var rig = new CallRig(false, true).start()) {
            rig.verified();
            rig.keys("2").hears("cancel.confirm");
            rig.keys("1").hears("cancel.done").hears("appointment.none").hears("menu.no-appointment");

            assertThat(rig.file.acts).containsSubsequence("cancel", "next");
        }
    }

    @Test
    void keyFlood_isBounded() throws Exception {
        try (var rig = new CallRig(false, true).start()) {
            rig.announced();
            for (int i = 0; i < 20_000; i++) {
                rig.leg.listener().dtmf((char) ('0' + i % 10));
            }
            rig.leg.hangUp();
            rig.ended();

            assertThat(rig.file.turns.stream().map(NewTurn::kind)).doesNotContain(TurnKind.SPEECH);
            assertThat(rig.file.turns.stream().filter(turn -> turn.speaker() == Speaker.CALLER))
                    .hasSizeLessThan(2);
        }
    }
}
