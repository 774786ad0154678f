package dev.sotto.media;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.testkit.FakeMeter;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The HTTP side, byte by byte: signatures, routes, limits, time.
class TwilioEdgeRequestTest {
    private static final String PUBLIC = "https://" + TwilioCaller.PUBLIC_HOST;

    private final FakeDesk desk = new FakeDesk();
    private final FakeMeter meter = new FakeMeter();
    private TwilioEdge edge;

    @BeforeEach
    void open() {
        var limits = EdgeLimits.defaults()
                .withConnections(40, 30, 6)
                .withTimeouts(
                        Duration.ofSeconds(5), Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofSeconds(1));
        edge = TwilioEdge.start(TwilioEdgeCallTest.config(limits), desk, meter);
    }

    @AfterEach
    void close() {
        edge.close();
    }

    private static String encode(Map<String, String> form) {
        return form.entrySet().stream()
                .map(e -> URLEncoder.encode(e.getKey(), UTF_8) + "=" + URLEncoder.encode(e.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
    }

    private static String sign(String url, Map<String, String> form) {
        Map<String, List<String>> multi = new TreeMap<>();
        form.forEach((name, value) -> multi.put(name, List.of(value)));
        return TwilioSignature.sign(FakeDesk.SECRET, url, multi);
    }

    private String post(String target, String headers, String body) throws Exception {
        return send("POST " + target + " HTTP/1.1\r\nHost: evil.test\r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + body.length() + "\r\n"
                + headers
                + "\r\n" + body);
    }

    private String send(String request) throws Exception {
        try (var caller = TwilioCaller.connect(edge.port())) {
            caller.raw(request);
            return caller.head();
        }
    }

    @Test
    void webhook_withTheRightSignatureInAnyHeaderCaseAndPortVariant_isAnswered() throws Exception {
        var form = FakeDesk.voiceForm(TwilioCaller.CALL);
        for (String header : List.of("X-Twilio-Signature", "x-twilio-signature", "X-TWILIO-SIGNATURE")) {
            for (String base : List.of(PUBLIC, PUBLIC + ":443")) {
                String signature = sign(base + "/twilio/voice?x=%20", form);
                assertThat(post("/twilio/voice?x=%20", header + ": " + signature + "\r\n", encode(form)))
                        .startsWith("HTTP/1.1 200");
            }
        }
        assertThat(desk.refusals()).isEmpty();
    }

    @Test
    void webhook_withAnyOtherSignature_isForbiddenAndNeverAnswered() throws Exception {
        var form = FakeDesk.voiceForm(TwilioCaller.CALL);
        String good = sign(PUBLIC + "/twilio/voice", form);
        String body = encode(form);
        var headers = List.of(
                "",
                "X-Twilio-Signature: \r\n",
                "X-Twilio-Signature: x" + good + "\r\n",
                "X-Twilio-Signature: " + good.substring(1) + "\r\n",
                "X-Twilio-Signature: " + good + "\r\nX-Twilio-Signature: " + good + "\r\n",
                "X-Twilio-Signature: " + sign("https://evil.test/twilio/voice", form) + "\r\n",
                "X-Twilio-Signature: " + sign(PUBLIC + "/twilio/after", form) + "\r\n",
                "X-Twilio-Signature: " + sign(PUBLIC.replace("https", "http") + "/twilio/voice", form) + "\r\n");
        for (String header : headers) {
            assertThat(post("/twilio/voice", header, body)).as(header).startsWith("HTTP/1.1 403");
        }
        String signed = "X-Twilio-Signature: " + good + "\r\n";
        assertThat(post("/twilio/voice", signed, body + "&Extra=1")).startsWith("HTTP/1.1 403");
        assertThat(post("/twilio/voice", signed, body + "&To=2")).startsWith("HTTP/1.1 403");
        assertThat(post("/twilio/voice?a=1", signed, body)).startsWith("HTTP/1.1 403");
        assertThat(post("/twilio/voice", signed, "")).startsWith("HTTP/1.1 403");
        var stranger = new TreeMap<>(form);
        stranger.put("AccountSid", "ACffffffffffffffffffffffffffffffff");
        assertThat(post(
                        "/twilio/voice",
                        "X-Twilio-Signature: " + sign(PUBLIC + "/twilio/voice", stranger) + "\r\n",
                        encode(stranger)))
                .startsWith("HTTP/1.1 403");

        assertThat(desk.calls).isEmpty();
        assertThat(desk.refusal(RefusalReason.BAD_SIGNATURE).authenticated()).isFalse();
        assertThat(meter.counted("media.refused.bad_signature")).isEqualTo(headers.size() + 5);
    }

    @Test
    void upgrade_withoutTheSignatureOfItsAccount_is403BeforeAnyWebSocket() throws Exception {
        String path = "/twilio/stream/" + FakeDesk.ACCOUNT;
        for (String signature : List.of(
                "",
                "x",
                sign(PUBLIC + path, Map.of()),
                sign("wss://evil.test" + path, Map.of()),
                TwilioSignature.sign(SensitiveText.of("other"), "wss://voice.sotto.test" + path, Map.of()))) {
            try (var caller = TwilioCaller.connect(edge.port())) {
                assertThat(caller.upgrade(path, signature))
                        .startsWith("HTTP/1.1 403")
                        .doesNotContainIgnoringCase("sec-websocket");
            }
        }
        for (String other : List.of("/twilio/stream/", "/twilio/stream/a.b", path + "/x", "/twilio/stream/ACother")) {
            try (var caller = TwilioCaller.connect(edge.port())) {
                assertThat(caller.upgrade(other, sign("wss://voice.sotto.test" + other, Map.of())))
                        .startsWith("HTTP/1.1 403");
            }
        }
        assertThat(desk.refusal(RefusalReason.BAD_SIGNATURE).callSid()).isEmpty();
    }

    @Test
    void upgrade_thatIsNone_is400() throws Exception {
        String path = "/twilio/stream/" + FakeDesk.ACCOUNT;
        assertThat(send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 400");
        assertThat(send("GET " + path + " HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 12\r\n\r\n"))
                .startsWith("HTTP/1.1 400");
        desk.refusal(RefusalReason.BAD_UPGRADE);
    }

    @Test
    void requests_forAnythingElse_are404() throws Exception {
        for (String line : List.of(
                "GET /",
                "GET /twilio/voice",
                "GET /twilio/after",
                "POST /health",
                "PUT /twilio/voice",
                "GET /health/",
                "GET /twilio/stream",
                "POST /twilio/voice/",
                "GET /../health",
                "GET /health?x",
                "OPTIONS *")) {
            assertThat(send(line + " HTTP/1.1\r\nHost: x\r\n\r\n")).as(line).startsWith("HTTP/1.1 404");
        }
        desk.refusal(RefusalReason.UNKNOWN_ROUTE);
    }

    @Test
    void requests_overALimitOrMalformed_areRefused() throws Exception {
        assertThat(send("POST /twilio/voice HTTP/1.1\r\nContent-Length: 65537\r\n\r\n"))
                .startsWith("HTTP/1.1 413");
        assertThat(send("POST /twilio/voice HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + ("4000\r\n" + "x".repeat(0x4000) + "\r\n").repeat(5)))
                .startsWith("HTTP/1.1 413");
        desk.refusal(RefusalReason.BODY_TOO_LARGE);
        assertThat(send("GET /health HTTP/1.1\r\nX: " + "x".repeat(9_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 400");
        assertThat(send("GET /" + "x".repeat(3_000) + " HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400");
        assertThat(send("\1\2\3\r\n\r\n")).startsWith("HTTP/1.1 400");
        assertThat(send("POST /twilio/voice HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx"))
                .startsWith("HTTP/1.1 415");
        assertThat(post("/twilio/voice", "", "a=%zz")).startsWith("HTTP/1.1 415");
        assertThat(post("/twilio/voice", "", "&".repeat(300))).startsWith("HTTP/1.1 415");
        desk.refusal(RefusalReason.MALFORMED_REQUEST);
    }

    @Test
    void webhook_signedButAgainstARule_is400() throws Exception {
        var noCall = new TreeMap<>(FakeDesk.voiceForm("a b"));
        assertThat(signedPost("/twilio/voice", noCall)).startsWith("HTTP/1.1 400");
        var noTo = new TreeMap<>(FakeDesk.voiceForm(TwilioCaller.CALL));
        noTo.remove("To");
        assertThat(signedPost("/twilio/voice", noTo)).startsWith("HTTP/1.1 400");
        for (String query : List.of("", "?call=", "?call=x", "?x=1&call=" + FakeDesk.CALL)) {
            assertThat(signedPost("/twilio/after" + query, FakeDesk.voiceForm(TwilioCaller.CALL)))
                    .startsWith("HTTP/1.1 400");
        }
        assertThat(desk.refusal(RefusalReason.BAD_FIELD).authenticated()).isTrue();
        assertThat(desk.ended).isEmpty();
    }

    private String signedPost(String target, Map<String, String> form) throws Exception {
        return post(target, "X-Twilio-Signature: " + sign(PUBLIC + target, form) + "\r\n", encode(form));
    }

    @Test
    void desk_thatThrows_givesAnApology() throws Exception {
        desk.answer = _ -> {
            throw new IllegalStateException("+15551230199 must not be logged");
        };
        try (var caller = TwilioCaller.connect(edge.port())) {
            var form = FakeDesk.voiceForm(TwilioCaller.CALL);
            String body = encode(form);
            caller.raw("POST /twilio/voice HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    + "Content-Length: " + body.length() + "\r\nX-Twilio-Signature: "
                    + sign(PUBLIC + "/twilio/voice", form) + "\r\n\r\n" + body);
            assertThat(caller.head()).startsWith("HTTP/1.1 200").contains("text/xml");
            assertThat(caller.head()).contains("<Say>We are sorry");
        }
        assertThat(desk.refusal(RefusalReason.DESK_UNAVAILABLE).callSid()).isEqualTo(TwilioCaller.CALL);
    }

    @Test
    void desk_thatDoesNotAnswer_gives503InTime() throws Exception {
        var never = new CountDownLatch(1);
        desk.answer = _ -> {
            try {
                never.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            throw new IllegalStateException("interrupted");
        };
        assertThat(signedPost("/twilio/voice", FakeDesk.voiceForm(TwilioCaller.CALL)))
                .startsWith("HTTP/1.1 503");
        desk.refusal(RefusalReason.DESK_UNAVAILABLE);
    }

    @Test
    void request_thatDoesNotCome_isCutOff() throws Exception {
        assertThat(send("GET /health HT")).startsWith("HTTP/1.1 408");
        desk.refusal(RefusalReason.REQUEST_TIMEOUT);
    }

    @Test
    void sockets_overTheLimitOfUnauthenticatedOnes_areClosedAndAcceptedCallsGoOn() throws Exception {
        try (var call = TwilioCaller.call(edge.port(), desk.issueToken())) {
            var leg = desk.leg();
            var idle = new ArrayList<TwilioCaller>();
            int refused = 0;
            for (int i = 0; i < 20; i++) {
                try {
                    var caller = TwilioCaller.connect(edge.port());
                    idle.add(caller);
                    caller.raw("G");
                    assertThat(meter.gauged("media.connections.unauthenticated"))
                            .isLessThanOrEqualTo(6);
                } catch (java.io.IOException closed) {
                    refused++;
                }
            }
            assertThat(refused).isPositive();
            desk.refusal(RefusalReason.TOO_MANY_CONNECTIONS);
            call.text(TwilioCaller.media(2, 20, new byte[160]));
            assertThat(leg.next()).isInstanceOf(FakeListener.Event.Audio.class);
            for (var caller : idle) {
                caller.close();
            }
        }
    }

    @Test
    void sockets_ofOneAddressOverItsShare_areClosedAndItsAcceptedCallsGoOn() throws Exception {
        edge.close();
        var limits = EdgeLimits.defaults().withUnauthenticatedPerAddress(3);
        edge = TwilioEdge.start(TwilioEdgeCallTest.config(limits), desk, meter);
        try (var call = TwilioCaller.call(edge.port(), desk.issueToken())) {
            var leg = desk.leg();
            var idle = new ArrayList<TwilioCaller>();
            int refused = 0;
            for (int i = 0; i < 10; i++) {
                try {
                    var caller = TwilioCaller.connect(edge.port());
                    idle.add(caller);
                    caller.raw("G");
                    assertThat(meter.gauged("media.connections.unauthenticated"))
                            .isLessThanOrEqualTo(3);
                } catch (java.io.IOException closed) {
                    refused++;
                }
            }
            assertThat(refused).isPositive();
            desk.refusal(RefusalReason.TOO_MANY_CONNECTIONS);
            call.text(TwilioCaller.media(2, 20, new byte[160]));
            assertThat(leg.next()).isInstanceOf(FakeListener.Event.Audio.class);
            for (var caller : idle) {
                caller.close();
            }
        }
    }
}
