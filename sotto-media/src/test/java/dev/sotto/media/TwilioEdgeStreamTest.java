package dev.sotto.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.LimitedException;
import dev.sotto.testkit.FakeMeter;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Streams that break the rules, over real sockets; and that the edge serves a good call after each.
class TwilioEdgeStreamTest {
    private static final String CONNECTED = "{\"event\":\"connected\",\"protocol\":\"Call\",\"version\":\"1.0.0\"}";

    private final FakeDesk desk = new FakeDesk();
    private final FakeMeter meter = new FakeMeter();
    private TwilioEdge edge;

    @BeforeEach
    void open() {
        var limits = EdgeLimits.defaults()
                .withTimeouts(
                        Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(1))
                .withStreams(Duration.ofSeconds(3), Duration.ofSeconds(1), 100, Duration.ofSeconds(60));
        edge = TwilioEdge.start(TwilioEdgeCallTest.config(limits), desk, meter);
    }

    @AfterEach
    void goodCallIsStillServed() throws Exception {
        String token = desk.issueToken();
        try (var caller = TwilioCaller.call(edge.port(), token)) {
            var leg = desk.leg(token);
            caller.text(TwilioCaller.media(2, 20, new byte[160]));
            assertThat(leg.next()).isInstanceOf(FakeListener.Event.Audio.class);
            leg.leg.close();
            assertThat(leg.closed()).isEqualTo(CloseReason.LEG_CLOSED);
            assertThat(caller.closeCode()).isEqualTo(1000);
        }
        edge.close();
        assertThat(meter.gauged("media.legs")).isZero();
        assertThat(meter.gauged("media.connections")).isZero();
    }

    private void refusedBeforeStart(RefusalReason reason, String... messages) throws Exception {
        try (var caller = TwilioCaller.connect(edge.port())) {
            caller.upgrade(FakeDesk.ACCOUNT, FakeDesk.SECRET);
            for (String message : messages) {
                caller.text(message);
            }
            assertThat(caller.closeCode()).as("%s", reason).isEqualTo(1008);
        }
        assertThat(desk.refusal(reason).authenticated()).isTrue();
        assertThat(meter.counted(MediaMetrics.refused(reason))).isPositive();
        assertThat(desk.legs).isEmpty();
    }

    @Test
    void messages_outOfOrderBeforeStart_areRefused() throws Exception {
        String start = TwilioCaller.start("x");
        refusedBeforeStart(RefusalReason.START_BEFORE_CONNECTED, start);
        refusedBeforeStart(RefusalReason.BEFORE_START, CONNECTED, TwilioCaller.media(1, 0, new byte[160]));
        refusedBeforeStart(RefusalReason.BEFORE_START, "{\"event\":\"stop\"}");
        refusedBeforeStart(RefusalReason.REPEATED_CONNECTED, CONNECTED, CONNECTED);
        refusedBeforeStart(RefusalReason.WRONG_ACCOUNT, CONNECTED, start.replace(FakeDesk.ACCOUNT, "ACother"));
        refusedBeforeStart(RefusalReason.WRONG_FORMAT, CONNECTED, start.replace("x-mulaw", "x-l16"));
        refusedBeforeStart(RefusalReason.WRONG_FORMAT, CONNECTED, start.replace("8000", "16000"));
        refusedBeforeStart(RefusalReason.WRONG_STREAM, CONNECTED, start.replaceFirst(TwilioCaller.STREAM, "MZother"));
        refusedBeforeStart(RefusalReason.BAD_JSON, "nonsense");
        refusedBeforeStart(RefusalReason.BAD_JSON, "{\"event\":\"connected\",\"a\":" + "[".repeat(20_000));
        refusedBeforeStart(RefusalReason.BAD_MESSAGE, CONNECTED, "{\"event\":\"start\"}");
    }

    @Test
    void start_withAnAbsentOrUsedToken_isRefused() throws Exception {
        refusedBeforeStart(RefusalReason.BAD_TOKEN, CONNECTED, TwilioCaller.start("never-issued"));
        refusedBeforeStart(
                RefusalReason.BAD_TOKEN, CONNECTED, TwilioCaller.start("x").replace("\"token\":\"x\",", ""));
        String token = desk.issueToken();
        try (var first = TwilioCaller.call(edge.port(), token)) {
            desk.leg();
            assertThat(first.protocol()).isEqualTo("TLSv1.3");
            refusedBeforeStart(RefusalReason.BAD_TOKEN, CONNECTED, TwilioCaller.start(token));
            assertThat(desk.refusal(RefusalReason.BAD_TOKEN).callSid()).isEqualTo(TwilioCaller.CALL);
        }
    }

    @Test
    void start_thatDoesNotCome_isCutOff() throws Exception {
        refusedBeforeStart(RefusalReason.START_TIMEOUT, CONNECTED, "{\"event\":\"something\"}");
    }

    @Test
    void audio_behindStart_waitsForTheDeskAndIsNeverUsedIfItRefuses() throws Exception {
        var asked = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        desk.beforeConnect = () -> {
            asked.countDown();
            try {
                go.await(5, TimeUnit.SECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        };
        try (var caller = TwilioCaller.call(edge.port(), desk.issueToken())) {
            for (int i = 0; i < 20; i++) {
                caller.text(TwilioCaller.media(i + 2, i * 20, new byte[160]));
            }
            assertThat(asked.await(5, TimeUnit.SECONDS)).isTrue();
            go.countDown();
            var leg = desk.leg();
            for (int i = 0; i < 20; i++) {
                assertThat(leg.next()).isInstanceOfSatisfying(FakeListener.Event.Audio.class, _ -> {});
            }
        }
        desk.beforeConnect = () -> {};
    }

    @Test
    void desk_thatIsLate_closesTheStreamAndItsLateListenerHearsOfIt() throws Exception {
        var go = new CountDownLatch(1);
        desk.beforeConnect = () -> {
            boolean done = false;
            while (!done) {
                try {
                    done = go.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException ignored) {
                    // a desk that does not stop when told to
                }
            }
        };
        try (var caller = TwilioCaller.call(edge.port(), desk.issueToken())) {
            assertThat(caller.closeCode()).isEqualTo(1008);
        }
        desk.refusal(RefusalReason.DESK_UNAVAILABLE);
        go.countDown();
        assertThat(desk.leg().closed()).isEqualTo(CloseReason.FAILED);
        desk.beforeConnect = () -> {};
    }

    private void refusedInCall(RefusalReason reason, Breach breach) throws Exception {
        try (var caller = TwilioCaller.call(edge.port(), desk.issueToken())) {
            var leg = desk.leg();
            try {
                breach.commit(caller);
            } catch (SocketException closedAlready) {
                // the edge was faster
            }
            assertThat(leg.closed()).as("%s", reason).isEqualTo(CloseReason.REFUSED);
            assertThat(caller.closeCode()).isIn(1008, -1);
            assertThat(desk.refusal(reason).callSid()).isEqualTo(TwilioCaller.CALL);
        }
    }

    private interface Breach {
        void commit(TwilioCaller caller) throws IOException;
    }

    @Test
    void breaches_inACall_areRefusedEachForItsReason() throws Exception {
        String media = TwilioCaller.media(2, 20, new byte[160]);
        refusedInCall(RefusalReason.REPEATED_START, caller -> caller.text(TwilioCaller.start("y")));
        refusedInCall(RefusalReason.REPEATED_CONNECTED, caller -> caller.text(CONNECTED));
        refusedInCall(RefusalReason.WRONG_STREAM, caller -> caller.text(media.replace(TwilioCaller.STREAM, "MZother")));
        refusedInCall(RefusalReason.WRONG_STREAM, caller -> caller.text("{\"event\":\"stop\"}"));
        refusedInCall(RefusalReason.WRONG_SEQUENCE, caller -> {
            caller.text(TwilioCaller.media(9, 20, new byte[160]));
            caller.text(TwilioCaller.media(8, 40, new byte[160]));
        });
        refusedInCall(
                RefusalReason.BAD_PAYLOAD, caller -> caller.text(media.replace("\"payload\":\"A", "\"payload\":\"-")));
        refusedInCall(
                RefusalReason.BAD_MESSAGE, caller -> caller.text(TwilioCaller.media(2, 3_600_000, new byte[160])));
        refusedInCall(
                RefusalReason.BAD_JSON,
                caller -> caller.text("{\"event\":\"media\",\"media\":{" + "\"a\":{".repeat(99)));
        refusedInCall(RefusalReason.BAD_JSON, caller -> caller.frame(0x81, new byte[] {'{', '"', (byte) 0xFF, '"'}));
        refusedInCall(RefusalReason.BINARY_FRAME, caller -> caller.frame(0x82, new byte[160]));
        refusedInCall(RefusalReason.FRAME_TOO_LARGE, caller -> caller.frame(0x81, new byte[64 * 1024 + 1]));
        refusedInCall(RefusalReason.FRAME_TOO_LARGE, caller -> {
            caller.frame(0x01, new byte[40_000]);
            caller.frame(0x80, new byte[40_000]);
        });
        refusedInCall(RefusalReason.BAD_FRAME, caller -> caller.frame(0xF1, new byte[1]));
        refusedInCall(RefusalReason.BAD_FRAME, caller -> caller.frame(0x80, new byte[1]));
        refusedInCall(RefusalReason.BAD_FRAME, caller -> caller.raw("\u0081\u0001x")); // not masked
        refusedInCall(RefusalReason.TOO_MANY_MESSAGES, caller -> {
            for (int i = 0; i < 600; i++) {
                caller.text("{\"event\":\"other\"}");
            }
        });
        refusedInCall(RefusalReason.TOO_MANY_MESSAGES, caller -> {
            for (int i = 0; i < 600; i++) {
                caller.frame(0x89, new byte[100]);
            }
        });
    }

    @Test
    void odditiesThatTheProtocolAllows_arePassedOver() throws Exception {
        try (var caller = TwilioCaller.call(edge.port(), desk.issueToken())) {
            var leg = desk.leg();
            caller.text("{\"event\":\"mark\",\"streamSid\":\"%s\",\"sequenceNumber\":\"2\"}"
                    .formatted(TwilioCaller.STREAM));
            caller.text("{\"event\":\"brandnew\",\"x\":{\"y\":[1,2]}}");
            caller.text(TwilioCaller.media(2, 20, new byte[160]).replace("\"inbound\"", "\"outbound\""));
            caller.frame(0x89, new byte[] {7});
            assertThat(caller.read().opcode()).isEqualTo(0xA);
            String whole = TwilioCaller.media(2, 20, new byte[160]);
            caller.frame(0x01, whole.substring(0, 50).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            caller.frame(0x80, whole.substring(50).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            assertThat(leg.next()).isEqualTo(new FakeListener.Event.Audio(20, AudioClip.of(new byte[160])));
            caller.hangUp();
            assertThat(leg.closed()).isEqualTo(CloseReason.PEER_CLOSED);
        }
    }

    @Test
    void tenThousandRandomFrames_onSeveralSockets_harmNobody() throws Exception {
        var random = new SplittableRandom(20_261_121);
        int sent = 0;
        int sockets = 0;
        long before = refusedInAll();
        while (sent < 10_000) {
            sockets++;
            try (var caller = random.nextBoolean()
                    ? TwilioCaller.call(edge.port(), desk.issueToken())
                    : TwilioCaller.stream(edge.port())) {
                for (int i = 0; i < 500 && sent < 10_000; i++, sent++) {
                    var payload = new byte[random.nextInt(300)];
                    random.nextBytes(payload);
                    caller.frame(random.nextInt(256), payload);
                }
            } catch (IOException closed) {
                sent += 400; // what would have come was closed upon
            }
        }
        // Each socket is refused, unless its first frame happened to be a close frame or a cut-off one.
        assertThat(refusedInAll() - before).isGreaterThan(sockets / 2);
    }

    private long refusedInAll() {
        return List.of(RefusalReason.values()).stream()
                .mapToLong(reason -> meter.counted(MediaMetrics.refused(reason)))
                .sum();
    }

    @Test
    void reader_thatIsSlow_isBoundedAndAtLastCutOff() throws Exception {
        try (var caller = TwilioCaller.connect(edge.port(), 4_096)) {
            caller.upgrade(FakeDesk.ACCOUNT, FakeDesk.SECRET);
            caller.text(CONNECTED);
            caller.text(TwilioCaller.start(desk.issueToken()));
            var leg = desk.leg();
            String mark = "m".repeat(128);
            long played = 0;
            var limited = false;
            for (; played < 1_000_000 && !limited; played++) {
                try {
                    leg.leg.play(AudioClip.empty(), mark);
                } catch (LimitedException full) {
                    limited = true;
                    if (played < 2_000) { // the first pause was only the clock's
                        limited = false;
                        Thread.onSpinWait();
                    }
                }
            }
            assertThat(limited).isTrue();
            assertThat(leg.closed()).isEqualTo(CloseReason.STALLED);
            assertThat(meter.counted("media.outbound.queue_full")).isPositive();
        }
    }

    @Test
    void clip_overTheQueue_isLimited() throws Exception {
        try (var caller = TwilioCaller.call(edge.port(), desk.issueToken())) {
            var leg = desk.leg();
            assertThatExceptionOfType(LimitedException.class)
                    .isThrownBy(() -> leg.leg.play(AudioClip.silence(Duration.ofSeconds(61)), ""));
            caller.hangUp();
            assertThat(leg.closed()).isEqualTo(CloseReason.PEER_CLOSED);
        }
    }

    @Test
    void clear_whileAClipPlays_isSentAndNothingAfterItUntilTheNextClip() throws Exception {
        try (var caller = TwilioCaller.call(edge.port(), desk.issueToken())) {
            var leg = desk.leg();
            leg.leg.play(AudioClip.silence(Duration.ofSeconds(20)), "long");
            for (int i = 0; i < 12; i++) {
                assertThat(caller.read().text()).contains("\"event\":\"media\"");
            }
            assertThat(leg.leg.unsent()).isBetween(Duration.ofSeconds(1), Duration.ofMillis(20_000 - 12 * 20));
            leg.leg.clear();
            assertThat(leg.leg.unsent()).isZero();
            leg.leg.play(AudioClip.empty(), "next");
            String text = caller.read().text();
            while (text.contains("\"event\":\"media\"")) {
                text = caller.read().text();
            }
            assertThat(text).contains("\"event\":\"mark\"").contains("\"long\"");
            assertThat(caller.read().text())
                    .isEqualTo("{\"event\":\"clear\",\"streamSid\":\"%s\"}".formatted(TwilioCaller.STREAM));
            assertThat(caller.read().text()).contains("\"next\"");
            leg.leg.close();
            assertThat(leg.closed()).isEqualTo(CloseReason.LEG_CLOSED);
            assertThat(leg.heard).hasSizeLessThan(16);
        }
    }

    @Test
    void stream_thatFallsSilent_isClosedAsIdle() throws Exception {
        try (var caller = TwilioCaller.call(edge.port(), desk.issueToken())) {
            var leg = desk.leg();
            assertThat(caller.closeCode()).isEqualTo(1008);
            assertThat(leg.closed()).isEqualTo(CloseReason.IDLE);
        }
    }

    @Test
    void listener_thatThrows_losesItsOwnLegOnly() throws Exception {
        var token = desk.issueToken();
        try (var good = TwilioCaller.call(edge.port(), desk.issueToken());
                var bad = TwilioCaller.call(edge.port(), token)) {
            var first = desk.leg();
            var second = desk.leg();
            var broken = first.start.customParameters().get("token").reveal().equals(token) ? first : second;
            var whole = broken == first ? second : first;
            broken.throwing = true;
            bad.text(TwilioCaller.media(2, 20, new byte[160]));
            assertThat(bad.closeCode()).isEqualTo(1011);
            good.text(TwilioCaller.media(2, 20, new byte[160]));
            assertThat(whole.next()).isInstanceOf(FakeListener.Event.Audio.class);
            assertThat(broken.closed()).isEqualTo(CloseReason.FAILED);
            whole.leg.close();
            assertThat(whole.closed()).isEqualTo(CloseReason.LEG_CLOSED);
        }
    }
}
