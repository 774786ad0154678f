package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.SensitiveText;
import dev.sotto.guard.GuardRules;
import dev.sotto.media.TwilioSignature;
import dev.sotto.server.call.PeerTrust;
import dev.sotto.server.node.DemoTenant;
import dev.sotto.simulator.Scene;
import dev.sotto.store.CallChannel;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.CallRecord;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Plays Twilio's ConversationRelay by its documented shapes against a real node with a model behind the guard.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RelayIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern PARAMETER = Pattern.compile("<Parameter name=\"(\\w+)\" value=\"([^\"]+)\"/>");
    private static final String PROCESSOR = """

              - id: twilio-conversation-relay
                name: Twilio ConversationRelay
                data: [transcript, recording]
                purposes: [speech-synthesis, transcription]
                region: us
                agreement: {status: signed, from: 2020-01-01, until: 2099-12-31}
                retention: none
            """;
    private static int calls;

    private TalkingNode node;
    private HttpClient http;
    private URI base;
    private DemoTenant clinic;

    @BeforeAll
    void start() throws Exception {
        Scene scene = Scene.shipped("healthcare-conversation");
        node = TalkingNode.start(scene, scene, simulator -> simulator.baseUri("relay"), "twilio.mode = relay");
        base = node.node().core().mediaUrl();
        clinic = node.node().core().demo().orElseThrow();
        http = PeerTrust.withAuthority(node.node().foundation().state().authorityCertificate())
                .client()
                .build();
        allow(true);
    }

    @AfterAll
    void stop() throws Exception {
        node.close();
    }

    private void allow(boolean relay) throws Exception {
        node.writeRegister(GuardRules.shippedRegister().stripTrailing() + "\n" + (relay ? PROCESSOR : ""));
        node.writePolicy(GuardRules.shippedPolicy()
                .replace(
                        "[simulator, local-voice]",
                        relay ? "[simulator, local-voice, twilio-conversation-relay]" : "[simulator, local-voice]")
                .replace(
                        "    data: recording\n    destinations: simulator",
                        relay
                                ? "    data: recording\n    destinations: [simulator, twilio-conversation-relay]"
                                : "    data: recording\n    destinations: simulator"));
        Await.until("the rules are read", () -> {
            String twiml = voice(nextCall());
            return twiml.contains("<ConversationRelay") == relay;
        });
    }

    private static synchronized String nextCall() {
        return "CA%032x".formatted(++calls);
    }

    /// One session, from the webhook on.
    private final class Session implements WebSocket.Listener, AutoCloseable {
        private final String sid = nextCall();
        private final List<JsonNode> sent = new CopyOnWriteArrayList<>();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final StringBuilder partial = new StringBuilder();
        private final Map<String, String> parameters;
        private final String twiml;
        private final WebSocket socket;

        Session() throws Exception {
            twiml = voice(sid);
            assertThat(twiml).contains("<ConversationRelay url=\"wss://");
            parameters = new TreeMap<>(PARAMETER
                    .matcher(twiml)
                    .results()
                    .collect(Collectors.toMap(found -> found.group(1), found -> found.group(2))));
            String path = "/twilio/relay/" + clinic.accountSid();
            socket = upgrade(
                    path,
                    TwilioSignature.sign(clinic.authToken(), "wss://" + base.getAuthority() + path, Map.of()),
                    this);
        }

        Session setUp() throws Exception {
            return send(Map.of(
                    "type",
                    "setup",
                    "sessionId",
                    "VX" + sid.substring(2),
                    "accountSid",
                    clinic.accountSid(),
                    "callSid",
                    sid,
                    "from",
                    "+15550108888",
                    "to",
                    clinic.inboundNumber(),
                    "direction",
                    "inbound",
                    "callType",
                    "PSTN",
                    "customParameters",
                    parameters));
        }

        Session send(Map<String, ?> message) throws Exception {
            socket.sendText(JSON.writeValueAsString(message), true).get(30, TimeUnit.SECONDS);
            return this;
        }

        Session says(String text) throws Exception {
            return send(Map.of("type", "prompt", "voicePrompt", text, "lang", "en-US", "last", true));
        }

        String spoken() {
            return sent.stream()
                    .filter(message -> message.path("type").asString("").equals("text"))
                    .map(message -> message.path("token").asString(""))
                    .collect(Collectors.joining(" "));
        }

        Session hears(String words) throws Exception {
            Await.until("the caller hears " + words, () -> spoken().contains(words));
            return this;
        }

        JsonNode end() throws Exception {
            Await.until(
                    "the session is ended",
                    () -> sent.stream()
                            .anyMatch(
                                    message -> message.path("type").asString("").equals("end")));
            return sent.getLast();
        }

        CallRecord record() {
            return node.node()
                    .core()
                    .services()
                    .store()
                    .calls()
                    .byCarrierCall(sid)
                    .orElseThrow();
        }

        List<String> turns() {
            return node.paper().turns(record().id()).stream()
                    .map(Paper.Turn::text)
                    .toList();
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            partial.append(data);
            if (last) {
                sent.add(JSON.readTree(partial.toString()));
                partial.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            closed.complete(code);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void close() {
            socket.abort();
        }
    }

    private WebSocket upgrade(String path, String signature, WebSocket.Listener listener) throws Exception {
        try {
            return http.newWebSocketBuilder()
                    .header(TwilioSignature.HEADER, signature)
                    .buildAsync(URI.create("wss://" + base.getAuthority() + path), listener)
                    .get(30, TimeUnit.SECONDS);
        } catch (ExecutionException refused) {
            throw (Exception) refused.getCause();
        }
    }

    private String voice(String sid) throws Exception {
        return post("/twilio/voice", new TreeMap<>(Map.of("From", "+15550108888", "To", clinic.inboundNumber())), sid);
    }

    private String post(String target, Map<String, String> form, String sid) throws Exception {
        form.put("AccountSid", clinic.accountSid());
        form.put("CallSid", sid);
        var lists = form.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, field -> List.of(field.getValue())));
        String body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        String url = "https://" + base.getAuthority() + target;
        return http.send(
                        HttpRequest.newBuilder(URI.create(url))
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .header(TwilioSignature.HEADER, TwilioSignature.sign(clinic.authToken(), url, lists))
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void caller_isAnnouncedTo_verifiedByTheModel_andInterruptsIt() throws Exception {
        try (var call = new Session()) {
            assertThat(call.twiml)
                    .contains(
                            "welcomeGreeting=\"Hello. You have reached an automated assistant. This call is not recorded.\"")
                    .contains("welcomeGreetingInterruptible=\"none\"");
            call.setUp().hears("How can I help you today?");
            assertThat(call.spoken()).as("the greeting is not said twice").doesNotContain("automated assistant");
            call.says("Hi, I would like to know when my next appointment is, please.")
                    .hears("your date of birth");
            call.send(Map.of("type", "prompt", "voicePrompt", "My name is Mar", "last", false));
            call.says("My name is Maren Oakfield, and I was born on May twelfth nineteen eighty four.")
                    .hears("Your next appointment is on");
            call.send(Map.of(
                    "type", "interrupt",
                    "utteranceUntilInterrupt", "Thank you. You are",
                    "durationUntilInterruptMs", "900"));
            call.says("No, that is all. Thank you. Goodbye.").hears("You are welcome.");
            call.socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(30, TimeUnit.SECONDS);

            Await.until("the call is over", () -> call.record().outcome().isPresent());
            assertThat(call.record().channel()).isEqualTo(CallChannel.RELAY);
            assertThat(call.record().verified()).isTrue();
            assertThat(call.turns())
                    .contains("My name is [NAME], and I was born on [DATE OF BIRTH].", "verify_identity: verified")
                    .anyMatch(text -> text.endsWith("[cut off]"))
                    .noneMatch(text -> text.startsWith("Can I help you with anything else"));
            assertThat(node.paper().entries(call.record().id(), "disclosure.allowed"))
                    .extracting(entry -> entry.details().get("destination"))
                    .contains("twilio-conversation-relay", "simulator");
        }
    }

    @Test
    void keys_askForAPerson_andTheTwimlBehindTheSessionDials() throws Exception {
        try (var call = new Session()) {
            call.setUp().hears("How can I help you today?");
            call.send(Map.of("type", "dtmf", "digit", "*")).send(Map.of("type", "dtmf", "digit", "0"));
            call.hears("passing you to a person");
            assertThat(call.end().path("handoffData").asString("")).isEqualTo("{\"outcome\":\"transferred\"}");
            String after = post("/twilio/after?call=" + call.parameters.get("call"), new TreeMap<>(), call.sid);
            assertThat(after).contains("<Dial>+1555");
            assertThat(call.record().outcome()).contains(CallOutcome.TRANSFERRED);
        }
    }

    @Test
    void carrierThatIsNotAllowed_isNotGivenTheCall_whichComesAsSound() throws Exception {
        allow(false);
        try {
            assertThat(voice(nextCall())).contains("<Stream url=").doesNotContain("automated assistant");
        } finally {
            allow(true);
        }
    }

    @Test
    void nothing_isTakenWithoutSignatureOrToken() throws Exception {
        String path = "/twilio/relay/" + clinic.accountSid();
        assertThatExceptionOfType(WebSocketHandshakeException.class)
                .isThrownBy(() -> upgrade(path, "bm8=", new WebSocket.Listener() {}))
                .satisfies(refusal ->
                        assertThat(refusal.getResponse().statusCode()).isEqualTo(403));
        String signature = TwilioSignature.sign(
                SensitiveText.of("another secret"), "wss://" + base.getAuthority() + path, Map.of());
        assertThatExceptionOfType(WebSocketHandshakeException.class)
                .isThrownBy(() -> upgrade(path, signature, new WebSocket.Listener() {}));
        try (var early = new Session()) {
            early.says("Hello?");
            assertThat(early.closed.get(30, TimeUnit.SECONDS)).isEqualTo(1008);
        }
        try (var forged = new Session()) {
            forged.parameters.put("token", "A".repeat(43));
            forged.setUp();
            assertThat(forged.closed.get(30, TimeUnit.SECONDS)).isEqualTo(1008);
            assertThat(forged.record().outcome()).isEqualTo(Optional.empty());
        }
    }
}
