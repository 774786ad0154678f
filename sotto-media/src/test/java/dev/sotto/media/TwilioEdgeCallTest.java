package dev.sotto.media;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.FakeMeter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A whole call through real TLS sockets, as Twilio makes it.
class TwilioEdgeCallTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final FakeDesk desk = new FakeDesk();
    private final FakeMeter meter = new FakeMeter();
    private TwilioEdge edge;
    private HttpClient http;

    @BeforeEach
    void open() {
        edge = TwilioEdge.start(config(EdgeLimits.defaults()), desk, meter);
        http = HttpClient.newBuilder().sslContext(TestIdentity.CLIENT).build();
    }

    @AfterEach
    void close() {
        http.close();
        edge.close();
    }

    static TwilioEdgeConfig config(EdgeLimits limits) {
        return new TwilioEdgeConfig(
                "127.0.0.1",
                0,
                URI.create("https://" + TwilioCaller.PUBLIC_HOST),
                TestIdentity.SERVER,
                TwilioEdgeConfig.DEFAULT_LEAD,
                limits);
    }

    @Test
    void call_answeredStreamedAndEnded_isCarriedWhole() throws Exception {
        var answer = post("/twilio/voice", FakeDesk.voiceForm(TwilioCaller.CALL));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("strict-transport-security")).hasValue("max-age=31536000");
        assertThat(desk.calls.take())
                .satisfies(call -> assertThat(call.from().reveal()).isEqualTo("+15551230199"))
                .satisfies(call -> assertThat(call.to()).isEqualTo("+15551230100"))
                .satisfies(call ->
                        assertThat(call.parameters()).containsOnlyKeys("CallStatus", "Direction", "ApiVersion"));
        String token = answer.body().replaceAll("(?s).*name=\"token\" value=\"([^\"]+)\".*", "$1");

        try (var caller = TwilioCaller.call(edge.port(), token)) {
            var leg = desk.leg();
            assertThat(leg.start.customParameters().get("call").reveal()).isEqualTo(FakeDesk.CALL.toString());
            byte[] spoken = noise(160);
            caller.text(TwilioCaller.media(2, 5, spoken));
            assertThat(leg.next()).isEqualTo(new FakeListener.Event.Audio(5, AudioClip.of(spoken)));
            caller.text("{\"event\":\"dtmf\",\"streamSid\":\"%s\",\"sequenceNumber\":3,".formatted(TwilioCaller.STREAM)
                    + "\"dtmf\":{\"track\":\"inbound_track\",\"digit\":\"#\"}}");
            assertThat(leg.next()).isEqualTo(new FakeListener.Event.Dtmf('#'));

            var clip = AudioClip.of(noise(400)); // two frames and a half
            leg.leg.play(clip, "greeting \"1\"");
            assertThat(played(caller, 3, "greeting \"1\""))
                    .startsWith(clip.toByteArray())
                    .hasSize(480);
            caller.text("{\"event\":\"mark\",\"sequenceNumber\":\"4\",\"streamSid\":\"%s\",\"mark\":{\"name\":\"m\"}}"
                    .formatted(TwilioCaller.STREAM));
            assertThat(leg.next()).isEqualTo(new FakeListener.Event.Mark("m"));
            var first = leg.heard.take();
            assertThat(first.positionMillis() % 20).isZero();
            assertThat(leg.heard.take().positionMillis()).isEqualTo(first.positionMillis() + 20);
            assertThat(leg.heard.take().positionMillis()).isEqualTo(first.positionMillis() + 40);

            caller.text("{\"event\":\"stop\",\"sequenceNumber\":\"5\",\"streamSid\":\"%s\",\"stop\":{}}"
                    .formatted(TwilioCaller.STREAM));
            assertThat(leg.closed()).isEqualTo(CloseReason.STOPPED);
            assertThat(caller.closeCode()).isEqualTo(1000);
        }

        var ended = post("/twilio/after?call=" + FakeDesk.CALL, FakeDesk.voiceForm(TwilioCaller.CALL));
        assertThat(ended.body()).contains("<Hangup/>");
        assertThat(desk.ended.take())
                .isEqualTo(new StreamEnded(FakeDesk.ACCOUNT, TwilioCaller.CALL, FakeDesk.CALL, "ringing"));
        assertThat(edge.lateness().frames()).isEqualTo(3);
        assertThat(desk.refusals()).isEmpty();
        assertThat(meter.gauged("media.legs")).isZero();
    }

    /// Reads `frames` media messages and the mark behind them.
    private static byte[] played(TwilioCaller caller, int frames, String mark) throws Exception {
        var audio = new ArrayList<AudioClip>();
        for (int i = 0; i < frames; i++) {
            JsonNode media = JSON.readTree(caller.read().text());
            assertThat(media.get("event").asString()).isEqualTo("media");
            assertThat(media.get("streamSid").asString()).isEqualTo(TwilioCaller.STREAM);
            audio.add(AudioClip.of(
                    Base64.getDecoder().decode(media.get("media").get("payload").asString())));
        }
        JsonNode sent = JSON.readTree(caller.read().text());
        assertThat(sent.get("event").asString()).isEqualTo("mark");
        assertThat(sent.get("mark").get("name").asString()).isEqualTo(mark);
        return AudioClip.concat(audio).toByteArray();
    }

    private HttpResponse<String> post(String target, Map<String, String> form) throws Exception {
        Map<String, List<String>> signed = new TreeMap<>();
        form.forEach((name, value) -> signed.put(name, List.of(value)));
        String body = form.entrySet().stream()
                .map(e -> URLEncoder.encode(e.getKey(), UTF_8) + "=" + URLEncoder.encode(e.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
        var request = HttpRequest.newBuilder(URI.create("https://localhost:" + edge.port() + target))
                .header("content-type", "application/x-www-form-urlencoded; charset=UTF-8")
                .header(
                        "X-TWILIO-signature",
                        TwilioSignature.sign(FakeDesk.SECRET, "https://" + TwilioCaller.PUBLIC_HOST + target, signed))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    static byte[] noise(int length) {
        var random = new SplittableRandom(length);
        var bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
