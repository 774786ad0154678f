package dev.sotto.server.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.CallId;
import dev.sotto.core.SensitiveText;
import dev.sotto.media.TwilioSignature;
import dev.sotto.server.call.CallTarget;
import dev.sotto.server.call.LocalTarget;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A carrier that says what it is told to, right or wrong, signed or not.
final class Carrier implements AutoCloseable {
    static final String CONNECTED = "{\"event\":\"connected\",\"protocol\":\"Call\",\"version\":\"1.0.0\"}";

    private static final Pattern OFFER =
            Pattern.compile("name=\"token\" value=\"([^\"]+)\".*name=\"call\" value=\"([^\"]+)\"");
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final CallTarget target;
    private final HttpClient http;
    private final RandomGenerator random;

    private Carrier(CallTarget target, RandomGenerator random) {
        this.target = target;
        this.http = target.trust().client().build();
        this.random = random;
    }

    /// The demo account of the node that runs on `home`.
    static Carrier of(Home home, RandomGenerator random) {
        return new Carrier(
                new LocalTarget(home.places()).resolve(Optional.empty(), Optional.empty(), Optional.empty()), random);
    }

    /// What it takes to open one call's stream.
    record Offer(String callSid, String streamSid, String token, CallId call) {}

    CallTarget target() {
        return target;
    }

    String account() {
        return target.account().sid();
    }

    SensitiveText secret() {
        return target.account().authToken();
    }

    /// A carrier's name of something, that was never used.
    String sid(String kind) {
        return kind + "%016x%016x".formatted(random.nextLong(), random.nextLong());
    }

    Map<String, String> form(String callSid, String to) {
        return new TreeMap<>(Map.of(
                "CallSid", callSid,
                "AccountSid", account(),
                "From", "+15550144001",
                "To", to,
                "CallStatus", "ringing",
                "Direction", "inbound",
                "ApiVersion", "2010-04-01"));
    }

    String sign(URI url, Map<String, String> form) {
        return sign(secret(), url, form);
    }

    static String sign(SensitiveText secret, URI url, Map<String, String> form) {
        Map<String, List<String>> values = new TreeMap<>();
        form.forEach((name, value) -> values.put(name, List.of(value)));
        return TwilioSignature.sign(secret, url.toString(), values);
    }

    HttpResponse<String> post(URI url, Map<String, String> form, String signature)
            throws IOException, InterruptedException {
        String body = form.entrySet().stream()
                .map(field ->
                        URLEncoder.encode(field.getKey(), UTF_8) + "=" + URLEncoder.encode(field.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
        var request = HttpRequest.newBuilder(url)
                .timeout(TIMEOUT)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!signature.isEmpty()) {
            request.header(TwilioSignature.HEADER, signature);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> ask(String method, String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(target.voiceUrl().resolve(path))
                        .timeout(TIMEOUT)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /// Announces a call to the demo's number, properly.
    Offer offer() throws IOException, InterruptedException {
        String callSid = sid("CA");
        Map<String, String> form = form(callSid, target.to());
        var answer = post(target.voiceUrl(), form, sign(target.voiceUrl(), form));
        Matcher offer = OFFER.matcher(answer.body());
        if (answer.statusCode() != 200 || !offer.find()) {
            throw new AssertionError("the call was not taken: " + answer.statusCode());
        }
        return new Offer(callSid, sid("MZ"), offer.group(1), CallId.parse(offer.group(2)));
    }

    URI streamUrl() {
        return URI.create(
                "wss://%s/twilio/stream/%s".formatted(target.voiceUrl().getRawAuthority(), account()));
    }

    RawStream connect(String... protocols) throws IOException {
        return RawStream.connect(target.voiceUrl(), http.sslContext(), protocols);
    }

    /// A properly upgraded stream on which nothing was said.
    RawStream upgraded() throws IOException {
        RawStream stream = connect();
        String head = stream.upgrade(streamUrl().getRawPath(), sign(streamUrl(), Map.of()));
        if (!head.startsWith("HTTP/1.1 101")) {
            stream.close();
            throw new AssertionError("no upgrade: " + head);
        }
        return stream;
    }

    /// A stream that has brought its token.
    RawStream started(Offer offer) throws IOException {
        RawStream stream = upgraded();
        stream.text(CONNECTED);
        stream.text(start(offer, offer.token()));
        return stream;
    }

    String start(Offer offer, String token) {
        return """
                {"event":"start","sequenceNumber":"1","start":{"accountSid":"%s","streamSid":"%s","callSid":"%s",\
                "tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},\
                "customParameters":{"token":"%s","call":"%s"}},"streamSid":"%s"}""".formatted(account(), offer.streamSid(), offer.callSid(), token, offer.call(), offer.streamSid());
    }

    static String media(Offer offer, long sequence, long timestamp, byte[] mulaw) {
        return """
                {"event":"media","sequenceNumber":"%d","media":{"track":"inbound","chunk":"%d","timestamp":"%d",\
                "payload":"%s"},"streamSid":"%s"}""".formatted(
                        sequence, sequence, timestamp, Base64.getEncoder().encodeToString(mulaw), offer.streamSid());
    }

    @Override
    public void close() {
        http.close();
    }
}
