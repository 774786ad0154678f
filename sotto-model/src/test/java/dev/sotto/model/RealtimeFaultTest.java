package dev.sotto.model;

import static dev.sotto.model.ChatDraftTest.allowed;
import static dev.sotto.model.ChatDraftTest.draft;
import static dev.sotto.model.ChatDraftTest.text;
import static dev.sotto.model.RealtimeSessionTest.SETTINGS;
import static dev.sotto.model.RealtimeSessionTest.audio;
import static dev.sotto.model.RealtimeSessionTest.created;
import static dev.sotto.model.RealtimeSessionTest.done;
import static dev.sotto.model.RealtimeSessionTest.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.SottoException;
import dev.sotto.model.RealtimeSession.Hearing;
import dev.sotto.testkit.FakeMeter;
import dev.sotto.testkit.FakePassage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RealtimeFaultTest {
    private static final Duration SHORT = Duration.ofMillis(150);
    private static final Duration LONG = ModelServer.PATIENCE;

    private final RealtimeServer server = new RealtimeServer();
    private final FakeMeter meter = new FakeMeter();
    private final FakePassage passage = RealtimeSessionTest.passage();
    private ModelEndpoint endpoint;

    @AfterEach
    void close() {
        if (endpoint != null) {
            endpoint.close();
        }
        server.close();
    }

    private RealtimeSession session() {
        return session(ModelServer.PATIENT, SETTINGS);
    }

    private RealtimeSession session(ProviderLimits limits, RealtimeSettings settings) {
        endpoint = ModelEndpoint.open(server.provider().limits(limits), meter);
        return endpoint.realtime(settings, allowed("hi"), passage);
    }

    private ModelError refusal() {
        return refusal(ModelServer.PATIENT);
    }

    private ModelError refusal(ProviderLimits limits) {
        var failure = catchThrowableOfType(SottoException.class, () -> session(limits, SETTINGS));
        assertThat(failure).hasMessageNotContaining("canary").hasNoCause();
        return (ModelError) failure.code();
    }

    /// How the session ends; what comes before is left out.
    private static ModelError end(RealtimeSession session) {
        var failure = catchThrowableOfType(SottoException.class, () -> {
            for (int i = 0; i < 100_000; i++) {
                session.next(LONG);
            }
        });
        assertThat(failure).hasMessageNotContaining("canary").hasNoCause();
        return (ModelError) failure.code();
    }

    private ModelError endAfter(Consumer<RealtimeServer> fault) {
        try (var session = session()) {
            fault.accept(server);
            var code = end(session);
            assertThat(server.clientLeft()).isTrue();
            assertThat(session.hear(AudioChunk.mulaw(new byte[160]))).isEqualTo(Hearing.ENDED);
            session.respond(); // does nothing, and does not throw
            assertThat(meter.counted(ModelMetrics.failed(code))).isOne();
            return code;
        }
    }

    @Test
    void server_thatCloses_endsTheSession() {
        assertThat(endAfter(peer -> peer.closeWith(1011))).isEqualTo(ModelError.SESSION_ENDED);
    }

    @Test
    void server_thatHangsUp_endsTheSession() {
        assertThat(endAfter(RealtimeServer::hangUp)).isEqualTo(ModelError.SESSION_ENDED);
    }

    @Test
    void server_thatSendsTenMegabytes_endsTheSession() {
        assertThat(endAfter(peer -> peer.send("{\"type\":\"x\",\"pad\":\"%s\"}".formatted("x".repeat(10 << 20)))))
                .isEqualTo(ModelError.ANSWER_TOO_LARGE);
    }

    @Test
    void server_thatSendsTenMegabytesInPieces_endsTheSession() {
        assertThat(endAfter(peer -> peer.sendInPieces("x".repeat(10 << 20), 60_000)))
                .isEqualTo(ModelError.ANSWER_TOO_LARGE);
    }

    @Test
    void server_thatSendsBytes_endsTheSession() {
        assertThat(endAfter(peer -> peer.sendBinary(new byte[10]))).isEqualTo(ModelError.ANSWER_BROKEN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "canary",
                "[]",
                "{}",
                "{\"type\":7}",
                "{\"type\":\"error\"}",
                "{\"type\":\"input_audio_buffer.committed\",\"item_id\":\"canary with blanks\"}",
                "{\"type\":\"input_audio_buffer.dtmf_event_received\",\"event\":\"canary\"}",
                "{\"type\":\"response.created\",\"response\":{}}"
            })
    void server_thatSendsNonsense_endsTheSession(String message) {
        assertThat(endAfter(peer -> peer.send(message))).isEqualTo(ModelError.ANSWER_BROKEN);
    }

    @Test
    void server_thatSendsAudioThatIsNone_endsTheSession() {
        server.responding(() -> {
            server.send(created("resp_1"));
            server.send(audio((byte) 1).replace("AQ==", "canary!"));
        });
        try (var session = session()) {
            session.respond();
            assertThat(end(session)).isEqualTo(ModelError.ANSWER_BROKEN);
        }
    }

    @Test
    void message_ofAlmostAMebibyteInPieces_andOneOfAnUnknownType_areTaken() {
        try (var session = session()) {
            server.sendInPieces(
                    "{\"type\":\"brand.new\",\"pad\":\"%s\"}".formatted("ü".repeat((1 << 19) - 100)), 10_000);
            server.send("{\"type\":\"input_audio_buffer.committed\",\"item_id\":\"item_1\"}");

            assertThat(next(session)).isEqualTo(new RealtimeEvent.Committed("item_1"));
            assertThat(meter.counted(ModelMetrics.EVENTS_UNKNOWN)).isOne();
        }
    }

    @ParameterizedTest
    @CsvSource({"401,KEY_REFUSED", "404,MODEL_UNKNOWN", "429,PROVIDER_BUSY", "500,PROVIDER_FAILED"})
    void upgrade_thatIsRefused_isMapped(int status, ModelError code) {
        server.refusing(status);

        assertThat(refusal()).isEqualTo(code);
    }

    @Test
    void server_thatMakesNoSession_isLate() {
        server.silent();

        assertThat(refusal(ModelServer.PATIENT.times(LONG, Duration.ofMillis(700), LONG, LONG)))
                .isEqualTo(ModelError.FIRST_BYTE_LATE);
        assertThat(server.clientLeft()).isTrue();
    }

    @Test
    void server_thatRefusesTheSettings_isNotUsed() {
        server.script((peer, _) -> peer.send(
                "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"canary\"}}"));

        assertThat(refusal()).isEqualTo(ModelError.REQUEST_REFUSED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"audio\":{\"input\":{\"turn_detection\":{\"create_response\":true}}}}",
                "{\"turn_detection\":{\"create_response\":true}}"
            })
    void server_thatInsistsOnRespondingByItself_isNotUsed(String session) {
        server.script((peer, _) -> peer.send("{\"type\":\"session.updated\",\"session\":%s}".formatted(session)));

        assertThat(refusal()).isEqualTo(ModelError.RESPONSE_UNASKED);
    }

    @Test
    void model_thatKeepsRespondingUnasked_endsTheSession() {
        try (var session = session()) {
            for (int i = 0; i <= RealtimeOrder.MAX_UNASKED; i++) {
                server.send(created("resp_" + i));
            }
            assertThat(end(session)).isEqualTo(ModelError.RESPONSE_UNASKED);
        }
    }

    @Test
    void response_thatDoesNotBegin_isLate() {
        try (var session = session(ModelServer.PATIENT.times(LONG, Duration.ofMillis(700), LONG, LONG), SETTINGS)) {
            session.respond();
            assertThat(end(session)).isEqualTo(ModelError.FIRST_BYTE_LATE);
        }
    }

    @Test
    void response_thatStops_isStalled() {
        server.responding(() -> server.send(created("resp_1")));
        try (var session = session(ModelServer.PATIENT.times(LONG, LONG, SHORT, LONG), SETTINGS)) {
            session.respond();
            assertThat(end(session)).isEqualTo(ModelError.ANSWER_STALLED);
        }
    }

    @Test
    void response_thatNeverEnds_isCutByEachBound() {
        server.responding(() -> {
            server.send(created("resp_1"));
            for (int i = 0; i < 200; i++) {
                server.send(audio(new byte[500]));
            }
        });
        for (var limits : List.of(
                ModelServer.PATIENT.sizes(8 << 20, 100),
                ModelServer.PATIENT.sizes(50_000, 20_000),
                ModelServer.PATIENT.times(LONG, LONG, LONG, SHORT))) {
            try (var session = session(limits, SETTINGS)) {
                session.respond();
                assertThat(end(session)).isIn(ModelError.ANSWER_TOO_LARGE, ModelError.ANSWER_TOO_LONG);
            }
            endpoint.close();
        }
        assertThat(meter.counted(ModelMetrics.failed(ModelError.ANSWER_TOO_LARGE)))
                .isEqualTo(2);
        assertThat(meter.counted(ModelMetrics.failed(ModelError.ANSWER_TOO_LONG)))
                .isOne();
    }

    @Test
    void server_thatIsDeaf_isGivenUp() {
        server.deaf();
        try (var session = session(ModelServer.PATIENT, SETTINGS.times(SHORT, LONG))) {
            assertThat(end(session)).isEqualTo(ModelError.SESSION_STALLED);
        }
    }

    @Test
    void session_thatIsQuietButAlive_lastsAsLongAsItMay() {
        try (var session = session(ModelServer.PATIENT, SETTINGS.times(SHORT, Duration.ofSeconds(1)))) {
            assertThat(end(session)).isEqualTo(ModelError.SESSION_TOO_LONG);
        }
    }

    @Test
    void passage_thatCloses_endsTheSessionBeforeAnotherFrameLeaves() {
        try (var session = session()) {
            session.hear(AudioChunk.mulaw(new byte[160]));
            server.next("input_audio_buffer.append");
            passage.shut();

            assertThat(session.hear(AudioChunk.mulaw(new byte[160]))).isEqualTo(Hearing.REFUSED);
            assertThat(end(session)).isEqualTo(ModelError.PASSAGE_CLOSED);
            assertThat(server.clientLeft()).isTrue();
            assertThat(passage.units()).isOne();
        }
        var refused =
                catchThrowableOfType(SottoException.class, () -> endpoint.realtime(SETTINGS, allowed("hi"), passage));
        assertThat(refused.code()).isEqualTo(ModelError.PASSAGE_CLOSED);
    }

    @Test
    void events_thatAreTakenSlowly_waitAtTheProviderAndNoneIsLost() {
        int count = 4_000;
        try (var session = session()) {
            for (int i = 0; i < count; i++) {
                server.send("{\"type\":\"input_audio_buffer.committed\",\"item_id\":\"item_%d\"}".formatted(i));
            }
            for (int i = 0; i < count; i++) {
                assertThat(next(session)).isEqualTo(new RealtimeEvent.Committed("item_" + i));
            }
        }
    }

    @Test
    void events_outOfOrder_areLeftOutAndCounted() {
        server.responding(() -> {
            server.send(audio((byte) 1)); // before its response
            server.send(created("resp_1"));
            server.send(created("resp_1")); // again
            server.send(RealtimeSessionTest.ofPart("response.output_audio.done", ""));
            server.send(audio((byte) 2)); // after its part
            server.send(done("resp_1", "cancelled"));
            server.send(audio((byte) 3)); // after its response
            server.send(done("resp_1", "completed")); // again
            server.send("{\"type\":\"input_audio_buffer.committed\",\"item_id\":\"item_1\"}");
        });
        try (var session = session()) {
            session.respond();
            var events = new ArrayList<RealtimeEvent>();
            while (events.isEmpty() || !(events.getLast() instanceof RealtimeEvent.Committed)) {
                events.add(next(session));
            }
            assertThat(events).noneMatch(event -> event instanceof RealtimeEvent.AgentAudio);
            assertThat(events)
                    .filteredOn(event -> event instanceof RealtimeEvent.ResponseEnded)
                    .hasSize(1);
            assertThat(meter.counted(ModelMetrics.EVENTS_DISORDERED)).isEqualTo(5);
        }
    }

    @Test
    void responses_thatAreAskedForWithoutEnd_endTheSession() {
        try (var session = session()) {
            var overrun = catchThrowableOfType(SottoException.class, () -> {
                for (int i = 0; i <= RealtimeOrder.MAX_RESPONSES; i++) {
                    session.respond();
                }
            });
            assertThat(overrun.code()).isEqualTo(ModelError.SESSION_OVERRUN);
        }
    }

    @Test
    void session_thatWasLost_isOpenedAgainWithTheConversationAsAllowedAndWithoutAudio() {
        try (var first = session()) {
            first.hear(AudioChunk.mulaw(new byte[160]));
            server.next("input_audio_buffer.append");
            server.hangUp();
            end(first);
        }
        var history = draft();
        var pieces = history.pieces().stream().map(_ -> text("guarded")).toList();
        try (var second = endpoint.realtime(SETTINGS, history.allowed(new Verdict.Allowed(pieces, "mask")), passage)) {
            assertThat(server.next("session.update").toString()).contains("guarded");
            for (int i = 0; i < 6; i++) {
                var told = server.next();
                assertThat(told.path("type").stringValue()).isEqualTo("conversation.item.create");
                assertThat(told.toString()).contains("guarded").doesNotContain("Ada");
            }
            second.respond();
            assertThat(server.next().path("type").stringValue()).isEqualTo("response.create");
        }
    }

    @Test
    void session_usedFromManyThreadsWhileItEnds_neverThrowsAndLeavesNoThread() throws InterruptedException {
        var session = session();
        var thrown = new ConcurrentLinkedQueue<Throwable>();
        var started = new CountDownLatch(4);
        var threads = new ArrayList<Thread>();
        for (int t = 0; t < 4; t++) {
            int kind = t;
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    started.countDown();
                    for (int i = 0; i < 500; i++) {
                        switch (kind) {
                            case 0 -> session.hear(AudioChunk.mulaw(new byte[160]));
                            case 1 -> session.truncate("item_1", 0, Duration.ofMillis(i));
                            case 2 -> session.cancel("resp_1");
                            default -> {
                                if (i == 250) {
                                    session.close();
                                }
                            }
                        }
                    }
                } catch (RuntimeException failure) {
                    thrown.add(failure);
                }
            }));
        }
        started.await();
        for (var thread : threads) {
            thread.join(20_000);
        }
        assertThat(thrown).isEmpty();
        assertThat(end(session)).isIn(ModelError.CANCELLED, ModelError.SESSION_OVERRUN);
        assertThat(server.clientLeft()).isTrue();
        endpoint.close();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("HttpClient-"));
    }
}
