package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.SensitiveText;
import dev.sotto.media.AudioClip;
import dev.sotto.media.RefusalReason;
import dev.sotto.server.call.CallReport;
import dev.sotto.server.faults.Carrier.Offer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What a whole node does with carriers that lie or break the protocol: refused, counted, audited; and it serves on.
class EdgeIT {
    private static final int POLICY_VIOLATION = 1008;
    private static final int MAX_FRAME = 64 * 1024;
    private static final String UNKNOWN_NUMBER = "+15550177777";

    private static AttackedNode node;
    private static Carrier carrier;

    @BeforeAll
    static void start() throws Exception {
        node = AttackedNode.start("edge");
        carrier = Carrier.of(node.home(), new SplittableRandom(20_261_121));
    }

    @AfterAll
    static void stop() throws Exception {
        try (AttackedNode _ = node;
                Carrier _ = carrier) {
            node.assertServes("+15550144002");
            node.assertIntact();
        }
    }

    @Test
    void webhook_withABadSignature_isForbidden() throws Exception {
        URI url = carrier.target().voiceUrl();
        String callSid = carrier.sid("CA");
        Map<String, String> form = carrier.form(callSid, carrier.target().to());
        Map<String, String> altered = new TreeMap<>(form);
        altered.put("From", "+15550104417");
        Map<String, String> elsewhere = new TreeMap<>(form);
        elsewhere.put("AccountSid", carrier.sid("AC"));
        String right = carrier.sign(url, form);
        long before = node.counted(RefusalReason.BAD_SIGNATURE);

        Map<String, HttpResponse<String>> answers = new LinkedHashMap<>();
        answers.put("none", carrier.post(url, form, ""));
        answers.put("not one", carrier.post(url, form, "canary"));
        answers.put(
                "another secret", carrier.post(url, form, Carrier.sign(SensitiveText.of("0".repeat(32)), url, form)));
        answers.put("another address", carrier.post(url, form, carrier.sign(url.resolve("/twilio/after"), form)));
        answers.put("a field altered after signing", carrier.post(url, altered, right));
        answers.put("an account that is not ours", carrier.post(url, elsewhere, carrier.sign(url, elsewhere)));
        URI after = url.resolve("/twilio/after?call=01JDAAAAAAAAAAAAAAAAAAAAAA");
        answers.put("what comes after", carrier.post(after, form, right));

        assertThat(answers).allSatisfy((what, answer) -> {
            assertThat(answer.statusCode()).as(what).isEqualTo(403);
            assertThat(answer.body()).as(what).isEmpty();
        });
        assertThat(node.counted(RefusalReason.BAD_SIGNATURE) - before).isEqualTo(answers.size());
        node.assertAudited(RefusalReason.BAD_SIGNATURE);
        assertThat(node.refusals("bad_signature"))
                .allSatisfy(entry ->
                        assertThat(entry.body().orElseThrow().toString()).doesNotContain(callSid, "canary", "4417"));
        // Nothing of it came to the desk: the very same call is taken once it is signed.
        assertThat(carrier.post(url, form, right).body()).contains("<Connect>");
    }

    @Test
    void upgrade_withABadSignature_isForbidden() throws Exception {
        Offer offer = carrier.offer();
        String path = carrier.streamUrl().getRawPath();
        String other = "/twilio/stream/" + carrier.sid("AC");
        long before = node.counted(RefusalReason.BAD_SIGNATURE);

        refuseUpgrade(path, Carrier.sign(SensitiveText.of("0".repeat(32)), carrier.streamUrl(), Map.of()));
        refuseUpgrade(path, carrier.sign(carrier.target().voiceUrl(), Map.of()));
        refuseUpgrade(other, carrier.sign(carrier.streamUrl(), Map.of()));

        assertThat(node.counted(RefusalReason.BAD_SIGNATURE) - before).isEqualTo(3);
        node.assertAudited(RefusalReason.BAD_SIGNATURE);
        assertConnects(offer);
    }

    private static void refuseUpgrade(String path, String signature) throws IOException {
        try (RawStream stream = carrier.connect()) {
            assertThat(stream.upgrade(path, signature))
                    .startsWith("HTTP/1.1 403 ")
                    .contains("content-length: 0");
        }
    }

    private static void assertConnects(Offer offer) throws IOException {
        try (RawStream stream = carrier.started(offer)) {
            stream.awaitAudio();
        }
    }

    @Test
    void token_worksOnceAndForItsCallOnly() throws Exception {
        Offer offer = carrier.offer();
        Offer other = carrier.offer();
        long before = node.counted(RefusalReason.BAD_TOKEN);

        // A wrong one does not use up the right one.
        refuseStart(offer, "canary-never-drawn");
        refuseStart(offer, other.token());
        try (RawStream first = carrier.started(offer)) {
            first.awaitAudio();
            refuseStart(offer, offer.token());
            first.awaitAudio();
        }
        refuseStart(offer, offer.token());

        assertThat(node.counted(RefusalReason.BAD_TOKEN) - before).isEqualTo(4);
        node.assertAudited(RefusalReason.BAD_TOKEN);
        assertThat(node.refusals("bad_token"))
                .anySatisfy(entry ->
                        assertThat(entry.body().orElseThrow().details()).containsEntry("carrier_call", offer.callSid()))
                .allSatisfy(entry -> assertThat(entry.body().orElseThrow().toString())
                        .doesNotContain("canary", offer.token(), other.token()));
        assertConnects(other);
    }

    private static void refuseStart(Offer offer, String token) throws IOException {
        try (RawStream stream = carrier.upgraded()) {
            stream.text(Carrier.CONNECTED);
            stream.text(carrier.start(offer, token));
            assertThat(stream.closeCode()).isEqualTo(POLICY_VIOLATION);
        }
    }

    @Test
    void webhook_ofACallThatWasTaken_isRejected() throws Exception {
        URI url = carrier.target().voiceUrl();
        Offer offer = carrier.offer();
        Map<String, String> form =
                carrier.form(offer.callSid(), carrier.target().to());

        HttpResponse<String> again = carrier.post(url, form, carrier.sign(url, form));

        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body()).contains("<Response><Reject reason=\"rejected\"/></Response>");
        node.assertAudited("repeated_call", node.noted("repeated_call"));
        assertThat(node.refusals("repeated_call")).isNotEmpty();
        assertConnects(offer);
    }

    /// Something said on a stream, at a time when it may not be said.
    private interface Breach {
        void commit(RawStream stream, Offer offer) throws IOException;
    }

    /// @param started whether the stream has brought its token
    private static void refuse(RefusalReason reason, boolean started, Breach breach) throws Exception {
        long before = node.counted(reason);
        Offer offer = carrier.offer();
        try (RawStream stream = started ? carrier.started(offer) : carrier.upgraded()) {
            if (started) {
                stream.awaitAudio();
            }
            try {
                breach.commit(stream, offer);
            } catch (IOException closed) {
                // the node was faster
            }
            assertThat(stream.closeCode()).as("%s", reason).isIn(POLICY_VIOLATION, RawStream.CUT);
        }
        assertThat(node.counted(reason) - before).as("%s", reason).isEqualTo(1);
        node.assertAudited(reason);
    }

    @Test
    void frames_thatAreTooLargeOrNone_areRefused() throws Exception {
        refuse(
                RefusalReason.FRAME_TOO_LARGE,
                false,
                (stream, _) -> stream.frame(RawStream.TEXT, new byte[MAX_FRAME + 1]));
        refuse(
                RefusalReason.FRAME_TOO_LARGE,
                true,
                (stream, _) -> stream.frame(RawStream.TEXT, new byte[4 * MAX_FRAME]));
        refuse(RefusalReason.FRAME_TOO_LARGE, true, (stream, _) -> {
            stream.frame(0x01, new byte[MAX_FRAME - 1]);
            stream.frame(0x80, new byte[2]);
        });
        refuse(RefusalReason.BINARY_FRAME, true, (stream, _) -> stream.frame(RawStream.BINARY, new byte[160]));
        refuse(RefusalReason.BAD_FRAME, true, (stream, _) -> stream.frame(0xC1, new byte[1]));
        refuse(RefusalReason.BAD_FRAME, true, (stream, _) -> stream.raw(new byte[] {(byte) 0x81, 1, 'x'}));
        refuse(RefusalReason.TOO_MANY_MESSAGES, true, (stream, _) -> {
            for (int i = 0; i < 5_000; i++) {
                stream.frame(RawStream.PING, new byte[1]);
            }
        });
    }

    @Test
    void messages_thatAreNotJsonOrNotWhole_areRefused() throws Exception {
        refuse(RefusalReason.BAD_JSON, false, (stream, _) -> stream.text("canary"));
        refuse(RefusalReason.BAD_JSON, false, (stream, _) -> stream.text("{\"event\":\"connected\""));
        refuse(RefusalReason.BAD_JSON, false, (stream, _) -> stream.text("[" + "[".repeat(20_000)));
        refuse(RefusalReason.BAD_JSON, true, (stream, _) -> stream.text("{\"event\":\"x\",\"event\":\"y\"}"));
        refuse(
                RefusalReason.BAD_JSON,
                true,
                (stream, _) -> stream.frame(RawStream.TEXT, new byte[] {'{', (byte) 0xFF}));
        refuse(RefusalReason.BAD_MESSAGE, true, (stream, _) -> stream.text("{}"));
        refuse(RefusalReason.BAD_MESSAGE, true, (stream, _) -> stream.text("{\"event\":\"media\"}"));
        refuse(
                RefusalReason.BAD_MESSAGE,
                true,
                (stream, offer) -> stream.text(Carrier.media(offer, 2, 3_600_000, new byte[160])));
        refuse(
                RefusalReason.BAD_PAYLOAD,
                true,
                (stream, offer) -> stream.text(
                        Carrier.media(offer, 2, 20, new byte[160]).replace("\"payload\":\"A", "\"payload\":\"-")));
    }

    @Test
    void messages_inTheWrongOrder_areRefused() throws Exception {
        byte[] silence = new byte[160];
        refuse(
                RefusalReason.START_BEFORE_CONNECTED,
                false,
                (stream, offer) -> stream.text(carrier.start(offer, offer.token())));
        refuse(RefusalReason.BEFORE_START, false, (stream, offer) -> {
            stream.text(Carrier.CONNECTED);
            stream.text(Carrier.media(offer, 1, 0, silence));
        });
        refuse(RefusalReason.REPEATED_CONNECTED, false, (stream, _) -> {
            stream.text(Carrier.CONNECTED);
            stream.text(Carrier.CONNECTED);
        });
        refuse(RefusalReason.REPEATED_START, true, (stream, offer) -> stream.text(carrier.start(offer, offer.token())));
        refuse(RefusalReason.REPEATED_CONNECTED, true, (stream, _) -> stream.text(Carrier.CONNECTED));
        refuse(RefusalReason.WRONG_SEQUENCE, true, (stream, offer) -> {
            stream.text(Carrier.media(offer, 9, 20, silence));
            stream.text(Carrier.media(offer, 8, 40, silence));
        });
        refuse(
                RefusalReason.WRONG_STREAM,
                true,
                (stream, offer) -> stream.text(
                        Carrier.media(offer, 2, 20, silence).replace(offer.streamSid(), carrier.sid("MZ"))));
        refuse(RefusalReason.WRONG_ACCOUNT, false, (stream, offer) -> {
            stream.text(Carrier.CONNECTED);
            stream.text(carrier.start(offer, offer.token()).replace(carrier.account(), carrier.sid("AC")));
        });
        refuse(RefusalReason.WRONG_FORMAT, false, (stream, offer) -> {
            stream.text(Carrier.CONNECTED);
            stream.text(carrier.start(offer, offer.token()).replace("audio/x-mulaw", "audio/x-l16"));
        });
        // It hangs up, and comes again.
        Offer offer = carrier.offer();
        try (RawStream stream = carrier.started(offer)) {
            stream.awaitAudio();
            stream.text(
                    "{\"event\":\"stop\",\"sequenceNumber\":\"2\",\"streamSid\":\"%s\"}".formatted(offer.streamSid()));
            stream.text(Carrier.media(offer, 3, 20, silence));
            assertThat(stream.closeCode()).isEqualTo(1000);
        }
        refuseStart(offer, offer.token());
    }

    @Test
    void callToANumberThatIsNobodys_isRejectedAndLeavesNoCall() throws Exception {
        int calls = node.paper().client().get(calls()).path("calls").size();
        try (var phone = Phone.at(node.home())) {
            CallReport report = phone.call(
                            "+15550144003", UNKNOWN_NUMBER, AudioClip.empty(), AttackedNode.WHO, Phone.HURRIED, true)
                    .await();
            assertThat(report.ending()).isEqualTo(new CallReport.Ending.Refused("rejected"));
            assertThat(report.call()).isEmpty();
            assertThat(report.heard()).isEmpty();

            node.assertAudited("unknown_number", node.noted("unknown_number"));
            assertThat(node.refusals("unknown_number"))
                    .anySatisfy(entry -> assertThat(entry.body().orElseThrow().details())
                            .containsEntry("carrier_call", report.callSid()))
                    .allSatisfy(entry -> assertThat(entry.body().orElseThrow().toString())
                            .doesNotContain(UNKNOWN_NUMBER, "+15550144003"));
        }
        assertThat(node.paper().client().get(calls()).path("calls").size()).isEqualTo(calls);
    }

    private static String calls() {
        return "/api/v1/calls?limit=100&tenant=" + node.paper().tenant();
    }

    @Test
    void otherPaths_areNotThere() throws Exception {
        Map<String, String> asked = new LinkedHashMap<>();
        asked.put("/", "GET");
        asked.put("/metrics", "GET");
        asked.put("/sign-in", "GET");
        asked.put("/api/v1/calls", "GET");
        asked.put("/twilio/voice", "GET");
        asked.put("/twilio/voice/", "POST");
        asked.put("/twilio/voice/..%2fvoice", "POST");
        asked.put("/TWILIO/VOICE", "POST");
        asked.put("/twilio/after", "PUT");
        asked.put("/health", "POST");
        long before = node.counted(RefusalReason.UNKNOWN_ROUTE);

        for (var each : asked.entrySet()) {
            HttpResponse<String> answer = carrier.ask(each.getValue(), each.getKey());
            assertThat(answer.statusCode()).as(each.getKey()).isEqualTo(404);
            assertThat(answer.body()).as(each.getKey()).isEmpty();
            assertThat(answer.headers().firstValue("strict-transport-security")).contains("max-age=31536000");
            assertThat(answer.headers().map()).doesNotContainKeys("server", "location", "www-authenticate");
        }

        assertThat(node.counted(RefusalReason.UNKNOWN_ROUTE) - before).isEqualTo(asked.size());
        node.assertAudited(RefusalReason.UNKNOWN_ROUTE);
        assertThat(carrier.ask("GET", "/health").statusCode()).isEqualTo(200);
    }

    @Test
    void tlsOlderThan13_isRefused() throws Exception {
        long before = node.counted(RefusalReason.TLS_HANDSHAKE);

        assertThatExceptionOfType(SSLException.class).isThrownBy(() -> carrier.connect("TLSv1.2"));

        try (RawStream stream = carrier.connect("TLSv1.2", "TLSv1.3")) {
            assertThat(stream.protocol()).isEqualTo("TLSv1.3");
        }
        Await.until("it is counted", () -> node.counted(RefusalReason.TLS_HANDSHAKE) - before == 1);
        node.assertAudited(RefusalReason.TLS_HANDSHAKE);
    }

    @Test
    void webhook_withABodyThatIsTooLargeOrNotAForm_isRefused() throws Exception {
        URI url = carrier.target().voiceUrl();
        Map<String, String> large =
                carrier.form(carrier.sid("CA"), carrier.target().to());
        large.put("Padding", "x".repeat(MAX_FRAME));
        Map<String, String> nameless =
                carrier.form("canary not a sid", carrier.target().to());

        HttpResponse<String> tooLarge = carrier.post(url, large, carrier.sign(url, large));
        HttpResponse<String> malformed = carrier.post(url, nameless, carrier.sign(url, nameless));

        assertThat(List.of(tooLarge.statusCode(), malformed.statusCode())).containsExactly(413, 400);
        assertThat(tooLarge.body() + malformed.body()).isEmpty();
        assertThat(node.counted(RefusalReason.BODY_TOO_LARGE)).isEqualTo(1);
        assertThat(node.counted(RefusalReason.BAD_FIELD)).isEqualTo(1);
        node.assertAudited(RefusalReason.BODY_TOO_LARGE);
        node.assertAudited(RefusalReason.BAD_FIELD);
        assertThat(node.refusals().toString()).doesNotContain("canary");
    }
}
