package dev.sotto.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.media.AudioClip;
import dev.sotto.media.Mulaw;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A leg in virtual time: nothing here waits.
final class CallerLegTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final CallSids SIDS =
            new CallSids("AC" + "a".repeat(32), "CA" + "b".repeat(32), "MZ" + "c".repeat(32));

    /// What was sent, and when.
    private record Sent(long millis, JsonNode message) {
        String event() {
            return message.path("event").asString();
        }
    }

    private final List<Sent> sent = new ArrayList<>();
    private long now;

    private CallerLeg leg(String keys, AudioClip voice, boolean hangsUp) {
        var plan = new CallPlan(
                SensitiveText.of("+15550110001"),
                "+15550100100",
                voice,
                KeyPlan.parse(keys),
                KeyTiming.practised(),
                hangsUp,
                Duration.ofMinutes(5));
        return new CallerLeg(SIDS, plan, 0, (message, _) -> sent.add(new Sent(now, JSON.readTree(message))));
    }

    private void run(CallerLeg leg, long untilMillis) {
        while (now < untilMillis && leg.tick(now * 1_000_000)) {
            now += 5;
        }
    }

    private void agent(CallerLeg leg, ServerMessage message) {
        leg.received(now * 1_000_000, message);
    }

    private static ServerMessage speech(long millis) {
        byte[] mulaw = new byte[(int) millis * 8];
        for (int i = 0; i < mulaw.length; i++) {
            mulaw[i] = Mulaw.encode((short) (6_000 * Math.sin(i / 3.0)));
        }
        return new ServerMessage.Media(AudioClip.of(mulaw));
    }

    private List<Sent> events(String event) {
        return sent.stream().filter(each -> each.event().equals(event)).toList();
    }

    private List<Long> keyTimes() {
        return events("dtmf").stream().map(Sent::millis).toList();
    }

    @Test
    void begin_saysWhatTwilioSays() {
        CallerLeg leg = leg("", AudioClip.empty(), false);

        leg.begin(Map.of("token", SensitiveText.of("t\"1")));

        assertThat(sent.get(0).message())
                .isEqualTo(JSON.readTree("{\"event\":\"connected\",\"protocol\":\"Call\",\"version\":\"1.0.0\"}"));
        JsonNode start = sent.get(1).message();
        assertThat(start.path("sequenceNumber").asString()).isEqualTo("1");
        assertThat(start.at("/start/mediaFormat"))
                .isEqualTo(JSON.readTree("{\"encoding\":\"audio/x-mulaw\",\"sampleRate\":8000,\"channels\":1}"));
        assertThat(start.at("/start/customParameters/token").asString()).isEqualTo("t\"1");
        assertThat(start.at("/start/tracks/0").asString()).isEqualTo("inbound");
        assertThat(start.path("streamSid")).isEqualTo(start.at("/start/streamSid"));
    }

    @Test
    void tick_sendsTheVoiceInFramesThenSilence_allCountersAsStrings() {
        byte[] voice = new byte[200];
        Arrays.fill(voice, (byte) 0x10);
        CallerLeg leg = leg("", AudioClip.of(voice), false);
        leg.begin(Map.of());

        run(leg, 65);

        List<Sent> media = events("media");
        assertThat(media).extracting(Sent::millis).containsExactly(20L, 40L, 60L);
        JsonNode second = media.get(1).message();
        assertThat(second.path("sequenceNumber").isString()).isTrue();
        assertThat(second.path("sequenceNumber").asString()).isEqualTo("3");
        assertThat(second.at("/media/chunk").asString()).isEqualTo("2");
        assertThat(second.at("/media/chunk").isString()).isTrue();
        assertThat(second.at("/media/timestamp").asString()).isEqualTo("20");
        assertThat(second.at("/media/track").asString()).isEqualTo("inbound");
        byte[] expected = new byte[160];
        Arrays.fill(expected, Mulaw.SILENCE);
        Arrays.fill(expected, 0, 40, (byte) 0x10);
        assertThat(Base64.getDecoder().decode(second.at("/media/payload").asString()))
                .isEqualTo(expected);
    }

    @Test
    void tick_thatComesLate_sendsEveryFrameThatWasDue() {
        CallerLeg leg = leg("", AudioClip.empty(), false);
        now = 1_000;

        leg.tick(now * 1_000_000);

        assertThat(events("media")).hasSize(50);
    }

    @Test
    void keys_groupByGroup_toAnAgentWithoutMarks() {
        CallerLeg leg = leg("12#9#", AudioClip.empty(), true);
        run(leg, 1_000);
        agent(leg, speech(8_000));
        run(leg, 20_000);

        // 2.5 s into the prompt, 170 ms apart; the next group a second after the prompt, which ends at 9 s
        assertThat(keyTimes()).hasSize(5);
        assertThat(keyTimes().get(0)).isBetween(3_500L, 3_530L);
        assertThat(keyTimes().get(1) - keyTimes().get(0)).isBetween(165L, 180L);
        assertThat(keyTimes().get(3)).isBetween(9_995L, 10_030L);
        assertThat(events("dtmf"))
                .extracting(each -> each.message().at("/dtmf/digit").asString())
                .containsExactly("1", "2", "#", "9", "#");
        assertThat(events("dtmf").getFirst().message().at("/dtmf/track").asString())
                .isEqualTo("inbound_track");
    }

    @Test
    void keys_ofTheNextGroup_waitForANewPrompt() {
        CallerLeg leg = leg("12#9#", AudioClip.empty(), true);
        agent(leg, speech(8_000));
        agent(leg, new ServerMessage.Mark("announcement"));
        agent(leg, speech(5_000));
        agent(leg, new ServerMessage.Mark("question"));
        run(leg, 20_000);

        assertThat(keyTimes().getFirst()).isBetween(2_500L, 2_530L);
        assertThat(keyTimes().get(3)).as("2.5 s into the question").isBetween(10_500L, 10_530L);
    }

    @Test
    void keys_ofTheNextGroup_notIntoThePauseBehindTheOldPrompt() {
        CallerLeg leg = leg("12#9#", AudioClip.empty(), true);
        agent(leg, speech(6_000));
        agent(leg, new ServerMessage.Media(AudioClip.silence(Duration.ofMillis(600))));
        agent(leg, new ServerMessage.Mark("announcement"));
        agent(leg, speech(1_000));
        agent(leg, new ServerMessage.Mark("question"));
        run(leg, 20_000);

        assertThat(keyTimes().get(3)).as("300 ms behind the question").isBetween(7_895L, 7_930L);
    }

    @Test
    void keys_ofTheNextGroup_intoThePromptThatFollowsAClear() {
        CallerLeg leg = leg("1 2", AudioClip.empty(), true);
        agent(leg, speech(8_000));
        agent(leg, new ServerMessage.Mark("first"));
        run(leg, 2_540);
        agent(leg, new ServerMessage.Clear());
        run(leg, 3_000);
        agent(leg, speech(1_000));
        agent(leg, new ServerMessage.Mark("one moment"));
        agent(leg, speech(5_000));
        agent(leg, new ServerMessage.Mark("menu"));
        run(leg, 20_000);

        assertThat(keyTimes()).hasSize(2);
        assertThat(keyTimes().getFirst()).isBetween(2_500L, 2_530L);
        assertThat(keyTimes().get(1)).as("2.5 s into the menu").isBetween(6_500L, 6_540L);
    }

    @Test
    void keys_afterAPause_comeAtOnce() {
        CallerLeg leg = leg("12#", AudioClip.empty(), true);
        run(leg, 500);
        agent(leg, speech(1_000));
        run(leg, 4_000);

        assertThat(keyTimes().getFirst()).isBetween(1_795L, 1_830L);
    }

    @Test
    void keys_toAnAgentThatSaysNothing_comeInTheEnd() {
        CallerLeg leg = leg("12#", AudioClip.empty(), true);

        run(leg, 30_000);

        assertThat(keyTimes().getFirst()).isEqualTo(10_000L);
    }

    @Test
    void mark_isEchoedWhenPlayed_andAtOnceAtAClear() {
        CallerLeg leg = leg("", AudioClip.empty(), false);
        agent(leg, speech(500));
        agent(leg, new ServerMessage.Mark("one"));
        agent(leg, speech(5_000));
        agent(leg, new ServerMessage.Mark("two"));
        run(leg, 700);
        agent(leg, new ServerMessage.Clear());
        run(leg, 800);

        assertThat(events("mark"))
                .extracting(
                        Sent::millis, each -> each.message().at("/mark/name").asString())
                .containsExactly(tuple(500L, "one"), tuple(700L, "two"));
        assertThat(leg.heard().cleared()).isCloseTo(Duration.ofMillis(4_800), Duration.ofMillis(25));
    }

    @Test
    void hangsUp_afterTheAnswerAndSilence() {
        CallerLeg leg = leg("1", AudioClip.empty(), true);
        agent(leg, speech(1_000));
        run(leg, 2_000);
        agent(leg, speech(3_000));

        run(leg, 60_000);

        assertThat(events("stop")).hasSize(1);
        assertThat(events("stop").getFirst().millis()).isBetween(6_400L, 6_600L);
        assertThat(leg.tick(now * 1_000_000)).isFalse();
    }

    @Test
    void hangsUp_intoWhatFollowsTheAnswer_whenToldOfIt() {
        CallerLeg leg = leg("1", AudioClip.empty(), true);
        agent(leg, speech(1_000));
        run(leg, 2_000);
        agent(leg, speech(30_000));
        run(leg, 5_000);
        leg.answered(now * 1_000_000, Duration.ofMillis(1_200)); // of what was said before the key: not counted
        run(leg, 6_000);
        leg.answered(now * 1_000_000, Duration.ofMillis(5_900));

        run(leg, 60_000);

        assertThat(events("stop").getFirst().millis()).isBetween(7_500L, 7_520L);
    }

    @Test
    void hangsUp_notBeforeTheVoiceIsOver() {
        CallerLeg leg = leg("", AudioClip.silence(Duration.ofSeconds(9)), true);
        agent(leg, speech(1_000));

        run(leg, 60_000);

        assertThat(events("stop").getFirst().millis()).isBetween(10_500L, 10_520L);
    }

    @Test
    void hangsUp_onAnAgentThatSaysNothing() {
        CallerLeg leg = leg("", AudioClip.empty(), true);

        run(leg, 60_000);

        assertThat(events("stop").getFirst().millis()).isEqualTo(12_000L);
    }

    @Test
    void staysOnTheLine_untilTold() {
        CallerLeg leg = leg("", AudioClip.empty(), false);
        agent(leg, speech(1_000));
        run(leg, 100_000);
        assertThat(events("stop")).isEmpty();

        leg.hangUp();
        run(leg, 100_100);

        assertThat(events("stop")).hasSize(1);
        assertThat(events("media")).hasSize(5_000);
    }

    @Test
    void received_moreThanAnyAgentSays_endsTheCall() {
        CallerLeg leg = leg("", AudioClip.empty(), false);

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        agent(leg, speech(4_000));
                    }
                })
                .withMessageContaining("300 seconds");
    }
}
