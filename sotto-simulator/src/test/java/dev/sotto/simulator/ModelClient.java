package dev.sotto.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.SensitiveText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Asks a model simulator over real HTTP.
final class ModelClient implements AutoCloseable {
    static final String TOKEN = "sk-simulated";
    static final Duration PATIENCE = Duration.ofSeconds(20);

    final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(TestIdentity.trusting())
            .build();
    private final URI base;

    ModelClient(URI base) {
        this.base = base;
    }

    static SimulatorConfig config(String scene) {
        return SimulatorConfig.insecurePlain(Scene.shipped(scene), SensitiveText.of(TOKEN));
    }

    HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .timeout(PATIENCE)
                .header("authorization", "Bearer " + TOKEN);
    }

    HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return http.send(request, BodyHandlers.ofString());
    }

    HttpResponse<String> chat(String body) throws IOException, InterruptedException {
        return send(to("/chat/completions")
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    HttpResponse<String> transcribe(Map<String, String> fields) throws IOException, InterruptedException {
        return send(transcription(fields));
    }

    HttpRequest transcription(Map<String, String> fields) {
        String boundary = "b0undary";
        var body = new ByteArrayOutputStream();
        fields.forEach((name, value) -> body.writeBytes(
                ("--" + boundary + "\r\ncontent-disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n")
                        .getBytes(UTF_8)));
        body.writeBytes(("--" + boundary
                        + "\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\ncontent-type: audio/wav\r\n\r\n")
                .getBytes(UTF_8));
        body.writeBytes("RIFF....WAVE \r\n\0\1\2".getBytes(ISO_8859_1));
        body.writeBytes(("\r\n--" + boundary + "--\r\n").getBytes(UTF_8));
        return to("/audio/transcriptions")
                .header("content-type", "multipart/form-data; boundary=" + boundary)
                .POST(BodyPublishers.ofByteArray(body.toByteArray()))
                .build();
    }

    HttpRequest speech(String input, String format) {
        return to("/audio/speech")
                .POST(BodyPublishers.ofString(
                        "{\"model\":\"m\",\"voice\":\"v\",\"input\":\"%s\",\"response_format\":\"%s\"}"
                                .formatted(input, format)))
                .build();
    }

    static JsonNode json(HttpResponse<String> response) {
        return Json.readObject(response.body()).orElseThrow();
    }

    /// The `data:` lines of a stream of events.
    static List<String> data(HttpResponse<String> response) {
        return response.body()
                .lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.substring("data: ".length()))
                .toList();
    }

    /// A chat request with these messages after the instructions.
    static String conversation(boolean stream, String... messages) {
        return """
                {"model":"simulator/healthcare-appointment","stream":%s,"stream_options":{"include_usage":true},"store":false,
                 "messages":[{"role":"system","content":"You are a receptionist."}%s]}
                """.formatted(stream, messages.length == 0 ? "" : "," + String.join(",", messages));
    }

    static String user(String text) {
        return "{\"role\":\"user\",\"content\":\"%s\"}".formatted(text);
    }

    static String assistant(String text) {
        return "{\"role\":\"assistant\",\"content\":\"%s\"}".formatted(text);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
