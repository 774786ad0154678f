package dev.sotto.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.media.AfterStream;
import dev.sotto.media.Answer;
import dev.sotto.media.AudioClip;
import dev.sotto.media.CallLeg;
import dev.sotto.media.CloseReason;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Real calls over loopback into a real edge: as slow as speech is.
final class TwilioCallerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final KeyTiming QUICK =
            new KeyTiming(Duration.ofMillis(60), Duration.ofSeconds(5), Duration.ofMillis(20), Duration.ofSeconds(5));

    private ScriptedDesk desk;
    private TwilioCaller caller;

    @BeforeEach
    void open() throws IOException {
        desk = new ScriptedDesk();
        caller = caller(desk.voiceUrl(), ScriptedDesk.ACCOUNT);
    }

    @AfterEach
    void close() {
        caller.close();
        desk.close();
    }

    private static TwilioCaller caller(URI url, CarrierAccount account) {
        return TwilioCaller.open(url, account, PeerTrust.of(List.of(TestIdentity.certificate())));
    }

    private static CallPlan plan(AudioClip voice, String keys) {
        return new CallPlan(
                SensitiveText.of("+15550110001"),
                "+15550100100",
                voice,
                KeyPlan.parse(keys),
                QUICK,
                false,
                Duration.ofSeconds(15));
    }

    private static SottoException failure(CallReport report) {
        return ((CallReport.Ending.Failed) report.ending()).failure();
    }

    @Test
    void call_keysIntoAPrompt_marksAreEchoedAndTheCallerHangsUp() {
        AudioClip voice = ScriptedDesk.tone(200);
        var hangUp = new CountDownLatch(1);
        desk.script = (leg, sid) -> {
            leg.play(ScriptedDesk.tone(3_000), "prompt");
            return new ScriptedDesk.Talk(leg, sid) {
                @Override
                public void dtmf(char digit) {
                    super.dtmf(digit);
                    if (keys.size() == 1) {
                        leg.clear();
                    }
                    if (digit == '#') {
                        leg.play(ScriptedDesk.tone(200), "answer");
                    }
                }

                @Override
                public void mark(String name) {
                    super.mark(name);
                    if (name.equals("answer")) {
                        hangUp.countDown();
                    }
                }
            };
        };
        KeyTiming into = new KeyTiming(
                Duration.ofMillis(60), Duration.ofMillis(300), Duration.ofMillis(20), Duration.ofSeconds(5));
        CallPlan plan = new CallPlan(
                SensitiveText.of("+15550110001"),
                "+15550100100",
                voice,
                KeyPlan.parse("12#"),
                into,
                false,
                Duration.ofSeconds(15));

        PlacedCall placed = caller.place(plan);
        assertThat(await(hangUp)).isTrue();
        placed.hangUp();
        CallReport report = placed.await(PATIENCE);

        assertThat(report.ending()).isEqualTo(new CallReport.Ending.HungUp());
        ScriptedDesk.Talk talk = desk.talks.getFirst();
        assertThat(talk.keys).containsExactly('1', '2', '#');
        assertThat(talk.marks).containsExactly("prompt", "answer");
        CallReport.Heard heard = report.heard().orElseThrow();
        assertThat(heard.keys()).isEqualTo(3);
        assertThat(heard.clears()).isEqualTo(1);
        assertThat(heard.spoken()).isBetween(Duration.ofMillis(400), Duration.ofMillis(900));
        assertThat(heard.gaps()).isZero();
        assertThat(AudioClip.concat(talk.audio.subList(0, 10))).isEqualTo(voice);
        assertThat(talk.timestamps)
                .containsExactlyElementsOf(LongStream.range(0, talk.timestamps.size())
                        .mapToObj(frame -> frame * 20)
                        .toList());
        assertThat(report.call()).isPresent();
        assertThat(desk.ended).as("who hangs up asks for nothing more").isEmpty();
        assertThat(desk.refusals).isEmpty();
    }

    @Test
    void call_asTwilioAnnouncesIt() {
        desk.script = ScriptedDeskScripts::closeAtOnce;

        PlacedCall placed = caller.place(plan(AudioClip.empty(), ""));
        CallReport report = placed.await(PATIENCE);

        assertThat(report.ending()).isEqualTo(new CallReport.Ending.Ended());
        var call = desk.answered.getFirst();
        assertThat(call.callSid()).matches("CA[0-9a-f]{32}").isEqualTo(placed.callSid());
        assertThat(call.from()).isEqualTo(SensitiveText.of("+15550110001"));
        assertThat(call.to()).isEqualTo("+15550100100");
        assertThat(call.parameters())
                .containsEntry("CallStatus", "ringing")
                .containsEntry("Direction", "inbound")
                .containsEntry("ApiVersion", "2010-04-01");
        assertThat(desk.ended).singleElement().satisfies(ended -> {
            assertThat(ended.callStatus()).isEqualTo("in-progress");
            assertThat(Optional.of(ended.call())).isEqualTo(report.call());
        });
    }

    @Test
    void call_thatTheServerEnds_isPutThrough() {
        desk.script = ScriptedDeskScripts::closeAtOnce;
        desk.after = new AfterStream.Dial("+15550100199");

        CallReport report = caller.place(plan(AudioClip.empty(), "")).await(PATIENCE);

        assertThat(report.ending()).isEqualTo(new CallReport.Ending.Transferred("+15550100199"));
    }

    @Test
    void call_whoseStreamIsLost_isConnectedAgain() {
        desk.script = (leg, sid) -> {
            leg.close();
            desk.after = new AfterStream.Apologise();
            return new ScriptedDesk.Talk(leg, sid);
        };
        List<String> said = new ArrayList<>();

        CallReport report = caller.place(plan(AudioClip.empty(), ""), new CallWatcher() {
                    @Override
                    public void said(String text) {
                        said.add(text);
                    }
                })
                .await(PATIENCE);

        assertThat(report.ending()).isEqualTo(new CallReport.Ending.Ended());
        assertThat(said).singleElement().asString().contains("sorry");
    }

    @Test
    void call_refused_saysWhy() {
        desk.answer = Optional.of(new Answer.Refuse(Answer.RejectReason.BUSY));

        CallReport report = caller.place(plan(AudioClip.empty(), "")).await(PATIENCE);

        assertThat(report.ending()).isEqualTo(new CallReport.Ending.Refused("busy"));
        assertThat(report.heard()).isEmpty();
    }

    @Test
    void call_underAWrongToken_isDenied() {
        var stranger = new CarrierAccount(ScriptedDesk.ACCOUNT.sid(), SensitiveText.of("wrong"));
        try (TwilioCaller wrong = caller(desk.voiceUrl(), stranger)) {
            CallReport report = wrong.place(plan(AudioClip.empty(), "")).await(PATIENCE);

            assertThat(failure(report))
                    .isInstanceOf(DeniedException.class)
                    .hasMessageContaining("refused the signature (403)");
        }
    }

    @Test
    void call_toAnUntrustedServer_sendsNothing() {
        try (TwilioCaller trusting = TwilioCaller.open(desk.voiceUrl(), ScriptedDesk.ACCOUNT, PeerTrust.system())) {
            CallReport report = trusting.place(plan(AudioClip.empty(), "")).await(PATIENCE);

            assertThat(failure(report)).isInstanceOf(IntegrityException.class).hasMessageContaining("is not trusted");
            assertThat(desk.answered).isEmpty();
        }
    }

    @Test
    void call_underAnotherName_sendsNothing() {
        URI byAddress = URI.create("https://127.0.0.1:" + desk.url().getPort() + "/twilio/voice");
        try (TwilioCaller wrong = caller(byAddress, ScriptedDesk.ACCOUNT)) {
            CallReport report = wrong.place(plan(AudioClip.empty(), "")).await(PATIENCE);

            assertThat(failure(report)).isInstanceOf(IntegrityException.class);
            assertThat(desk.answered).isEmpty();
        }
    }

    @Test
    void call_whereNobodyListens_failsInOneLine() throws IOException {
        URI nobody = URI.create("https://localhost:" + ScriptedDesk.freePort() + "/twilio/voice");
        try (TwilioCaller lost = caller(nobody, ScriptedDesk.ACCOUNT)) {
            CallReport report = lost.place(plan(AudioClip.empty(), "")).await(PATIENCE);

            assertThat(failure(report))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageStartingWith("nothing answers at localhost:" + nobody.getPort() + "\nhint: ");
        }
    }

    @Test
    void call_longerThanPlanned_isHungUp() {
        CallPlan brief = new CallPlan(
                SensitiveText.of("+15550110001"),
                "+15550100100",
                AudioClip.empty(),
                KeyPlan.none(),
                QUICK,
                false,
                Duration.ofMillis(300));

        CallReport report = caller.place(brief).await(PATIENCE);

        assertThat(report.ending()).isEqualTo(new CallReport.Ending.HungUp());
        assertThat(report.length()).isBetween(Duration.ofMillis(300), Duration.ofSeconds(4));
    }

    @Test
    void fiftyCalls_atOnce_onOneClock() {
        desk.script = (leg, sid) -> {
            leg.play(ScriptedDesk.tone(1_000), "all");
            return new ScriptedDesk.Talk(leg, sid) {
                @Override
                public void mark(String name) {
                    super.mark(name);
                    leg.close();
                }
            };
        };

        List<PlacedCall> placed = IntStream.range(0, 50)
                .mapToObj(_ -> caller.place(plan(ScriptedDesk.tone(500), "")))
                .toList();
        List<CallReport> reports =
                placed.stream().map(call -> call.await(PATIENCE)).toList();

        assertThat(reports).allSatisfy(report -> {
            assertThat(report.ending()).isEqualTo(new CallReport.Ending.Ended());
            CallReport.Heard heard = report.heard().orElseThrow();
            assertThat(heard.marks()).isEqualTo(1);
            assertThat(heard.played()).isEqualTo(Duration.ofSeconds(1));
            assertThat(heard.frames()).isGreaterThanOrEqualTo(45);
        });
        assertThat(desk.talks)
                .hasSize(50)
                .allSatisfy(talk -> assertThat(talk.closed).contains(CloseReason.LEG_CLOSED));
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().startsWith("caller-"))
                .hasSizeLessThanOrEqualTo(5);
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    private static final class ScriptedDeskScripts {
        static ScriptedDesk.Talk closeAtOnce(CallLeg leg, String sid) {
            leg.close();
            return new ScriptedDesk.Talk(leg, sid);
        }
    }
}
