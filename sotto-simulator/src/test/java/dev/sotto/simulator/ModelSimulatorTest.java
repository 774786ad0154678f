package dev.sotto.simulator;

import static dev.sotto.simulator.ModelClient.assistant;
import static dev.sotto.simulator.ModelClient.conversation;
import static dev.sotto.simulator.ModelClient.data;
import static dev.sotto.simulator.ModelClient.json;
import static dev.sotto.simulator.ModelClient.user;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.openai.core.ObjectMappers;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.models.Model;
import dev.sotto.core.UnavailableException;
import dev.sotto.testkit.LeakScan;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ModelSimulatorTest {
    private static final String ASKS = "When is my next appointment?";
    private static final String IDENTIFIES = "Maren Oakfield, May twelfth nineteen eighty four.";

    private final ModelSimulator simulator = ModelSimulator.start(ModelClient.config("healthcare-appointment"));
    private final ModelClient client = new ModelClient(simulator.baseUri());

    @AfterEach
    void close() {
        client.close();
        simulator.close();
    }

    @Test
    void everyAnswer_saysThatItIsScripted() throws Exception {
        assertThat(client.chat(conversation(false)).headers().firstValue("x-sotto-simulator"))
                .contains("scripted");
        assertThat(client.chat("nonsense").headers().firstValue("x-sotto-simulator"))
                .contains("scripted");
        assertThat(simulator.banner()).startsWith("SIMULATOR");
    }

    @Test
    void token_wrongOrMissing_isRefused() throws Exception {
        var wrong = client.http.send(
                client.to("/models").setHeader("authorization", "Bearer other").build(), BodyHandlers.ofString());
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(json(wrong).at("/error/code").asString()).isEqualTo("invalid_api_key");
        var azure = client.to("/models")
                .setHeader("authorization", "")
                .header("api-key", ModelClient.TOKEN)
                .build();
        assertThat(client.send(azure).statusCode()).isEqualTo(200);
    }

    @Test
    void addresses_unknownOrWrongMethod_areRefused() throws Exception {
        assertThat(client.send(client.to("/embeddings").build()).statusCode()).isEqualTo(404);
        assertThat(client.send(client.to("/chat/completions").build()).statusCode())
                .isEqualTo(405);
        assertThat(client.send(client.to("/realtime?model=x").build()).statusCode())
                .isEqualTo(426);
    }

    @Test
    void models_areTheScenes() throws Exception {
        var response = client.send(client.to("/models").build());
        JsonNode model = json(response).at("/data/0");
        assertThat(model.path("id").asString()).isEqualTo("simulator/healthcare-appointment");
        ObjectMappers.jsonMapper().readValue(Json.write(model), Model.class).validate();
    }

    @Test
    void chat_whole_isAnAnswerThatTheOfficialLibraryReads() throws Exception {
        var response = client.chat(conversation(false, assistant("Hello."), user(ASKS)));
        var completion = ObjectMappers.jsonMapper()
                .readValue(response.body(), ChatCompletion.class)
                .validate();
        assertThat(completion.choices().getFirst().message().content().orElseThrow())
                .contains("date of birth");
        assertThat(completion.choices().getFirst().finishReason().asString()).isEqualTo("stop");
        assertThat(completion.usage().orElseThrow().totalTokens()).isPositive();
    }

    @Test
    void chat_stream_chunksAreRead_andEndWithUsageAndDone() throws Exception {
        var events = data(client.chat(conversation(true, user(ASKS), assistant("x"), user(IDENTIFIES))));
        assertThat(events.getLast()).isEqualTo("[DONE]");
        var text = new StringBuilder();
        var arguments = new StringBuilder();
        var finish = new ArrayList<String>();
        for (String event : events.subList(0, events.size() - 1)) {
            var chunk = ObjectMappers.jsonMapper()
                    .readValue(event, ChatCompletionChunk.class)
                    .validate();
            for (var choice : chunk.choices()) {
                choice.delta().content().ifPresent(text::append);
                choice.delta()
                        .toolCalls()
                        .ifPresent(calls -> calls.forEach(call ->
                                call.function().flatMap(f -> f.arguments()).ifPresent(arguments::append)));
                choice.finishReason().ifPresent(reason -> finish.add(reason.asString()));
            }
        }
        assertThat(text.toString()).isEqualTo("One moment, please.");
        assertThat(arguments.toString()).isEqualTo("{\"birth_date\":\"19840512\",\"name\":\"Maren Oakfield\"}");
        assertThat(finish).containsExactly("tool_calls");
        var usage = Json.readObject(events.get(events.size() - 2)).orElseThrow();
        assertThat(usage.path("choices")).isEmpty();
        assertThat(usage.at("/usage/prompt_tokens").asInt()).isPositive();
    }

    @Test
    void chat_wholeToolLoop_leadsToTheReadOut() throws Exception {
        String say = talk(client, "");
        assertThat(say).contains("Tuesday, December first at ten thirty A M");
    }

    /// Goes through the scene as a client does, and gives the model's last words.
    private static String talk(ModelClient client, String more) throws Exception {
        var messages = new ArrayList<String>();
        messages.add(user(ASKS));
        messages.add(assistant("And you are?"));
        messages.add(user(IDENTIFIES));
        String say = "";
        for (int round = 0; round < 5; round++) {
            String body = conversation(false, messages.toArray(String[]::new))
                    .replace("\"store\":false", "\"store\":false" + more);
            JsonNode message = json(client.chat(body)).at("/choices/0/message");
            say = message.path("content").asString("");
            if (message.path("tool_calls").isEmpty()) {
                break;
            }
            messages.add(Json.write(message));
            for (JsonNode call : message.path("tool_calls")) {
                String result = call.at("/function/name").asString().equals("verify_identity")
                        ? "{\\\"verified\\\":true}"
                        : "{\\\"appointment\\\":{\\\"id\\\":\\\"A\\\",\\\"at\\\":\\\"2026-12-01T10:30\\\"}}";
                messages.add("{\"role\":\"tool\",\"tool_call_id\":\"%s\",\"content\":\"%s\"}"
                        .formatted(call.path("id").asString(), result));
            }
        }
        return say;
    }

    @Test
    void chat_manyCallsAtOnce_keepTheirOwnPlace() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Callable<String>>();
            for (int i = 0; i < 40; i++) {
                String user = ",\"user\":\"call-%d\"".formatted(i);
                calls.add(() -> talk(client, user));
            }
            for (var done : threads.invokeAll(calls)) {
                assertThat(done.get()).contains("December first");
            }
        }
    }

    @Test
    void chat_aside_isAnsweredOutsideTheScene() throws Exception {
        var response = client.chat(conversation(false, user(ASKS), user("Summarise this call as JSON")));
        assertThat(json(response).at("/choices/0/message/content").asString())
                .startsWith("{\"summary\": \"Scripted summary: ");
    }

    @Test
    void chat_toolChoiceNone_callsNothing() throws Exception {
        String body = conversation(false, user(ASKS), user(IDENTIFIES))
                .replace("\"store\"", "\"tool_choice\":\"none\",\"store\"");
        assertThat(json(client.chat(body)).at("/choices/0/message/tool_calls").isMissingNode())
                .isTrue();
    }

    @Test
    void chat_wrongBodies_areRefused() throws Exception {
        for (String wrong : List.of(
                "",
                "[]",
                "{\"model\":\"m\"}",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
                "{\"model\":\"m\",\"messages\":[]}",
                "{\"model\":\"m\",\"messages\":[{\"role\":\"ghost\",\"content\":\"x\"}]}",
                "{\"model\":\"m\",\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]}")) {
            var response = client.chat(wrong);
            assertThat(response.statusCode()).as(wrong).isEqualTo(400);
            assertThat(json(response).at("/error/type").asString()).isEqualTo("invalid_request_error");
        }
    }

    @Test
    void azureAddress_leadsToTheSameScene() throws Exception {
        var request =
                client.to("/../openai/deployments/healthcare-appointment/chat/completions?api-version=2024-10-21");
        var response = client.send(request.uri(simulator
                        .baseUri()
                        .resolve("/openai/deployments/healthcare-appointment/chat/completions?api-version=2024-10-21"))
                .POST(BodyPublishers.ofString(conversation(false)))
                .build());
        assertThat(response.statusCode()).isEqualTo(200);
    }

    @Test
    void transcriptions_followTheScene_eachCallForItself() throws Exception {
        var first = new ModelClient(simulator.baseUri("call-1"));
        assertThat(heard(first, Map.of("model", "m"))).contains("next appointment");
        assertThat(heard(first, Map.of("model", "m"))).contains("Maren Oakfield");
        assertThat(heard(client, Map.of("model", "m", "user", "call-2"))).contains("next appointment");
        assertThat(heard(client, Map.of("model", "m"))).contains("next appointment");
        first.close();
    }

    private static String heard(ModelClient client, Map<String, String> fields) throws Exception {
        var response = client.transcribe(fields);
        var read = ObjectMappers.jsonMapper()
                .readValue(response.body(), com.openai.models.audio.transcriptions.Transcription.class)
                .validate();
        return read.text();
    }

    @Test
    void transcriptions_afterABranch_goOnWhereTheModelIs() throws Exception {
        var call = new ModelClient(simulator.baseUri("call-1"));
        heard(call, Map.of("model", "m"));
        heard(call, Map.of("model", "m"));
        call.chat(
                conversation(
                        false,
                        user(ASKS),
                        user(IDENTIFIES),
                        "{\"role\":\"tool\",\"tool_call_id\":\"call_2_0_1\",\"content\":\"{\\\"error\\\":\\\"Unknown argument\\\"}\"}"));
        assertThat(heard(call, Map.of("model", "m"))).contains("last four digits");
        call.close();
    }

    @Test
    void transcriptions_otherForms() throws Exception {
        assertThat(client.transcribe(Map.of("model", "m", "response_format", "text"))
                        .body())
                .endsWith("please.\n");
        var verbose = client.transcribe(Map.of("model", "m", "response_format", "verbose_json"));
        ObjectMappers.jsonMapper()
                .readValue(verbose.body(), com.openai.models.audio.transcriptions.TranscriptionVerbose.class)
                .validate();
        var streamed = data(client.transcribe(Map.of("model", "m", "stream", "true", "user", "s")));
        for (String event : streamed) {
            ObjectMappers.jsonMapper()
                    .readValue(event, com.openai.models.audio.transcriptions.TranscriptionStreamEvent.class)
                    .validate();
        }
        assertThat(streamed.getLast()).contains("transcript.text.done");
        assertThat(client.transcribe(Map.of("model", "m", "response_format", "srt"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(client.transcribe(Map.of()).statusCode()).isEqualTo(400);
        assertThat(client.send(client.to("/audio/transcriptions")
                                .POST(BodyPublishers.ofString("no form"))
                                .build())
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void speech_pcmAndWav_areTheSameSound() throws Exception {
        byte[] pcm = client.http
                .send(client.speech("Thank you. Goodbye.", "pcm"), BodyHandlers.ofByteArray())
                .body();
        byte[] wav = client.http
                .send(client.speech("Thank you. Goodbye.", "wav"), BodyHandlers.ofByteArray())
                .body();
        assertThat(pcm).isEqualTo(new ScriptedVoice().say("Thank you. Goodbye.").bytes(AudioFormat.PCM));
        assertThat(wav)
                .hasSize(44 + pcm.length)
                .startsWith("RIFF".getBytes(US_ASCII))
                .endsWith(pcm);
        assertThat(client.send(client.speech("x", "mp3")).statusCode()).isEqualTo(400);
        assertThat(client.send(client.speech("", "pcm")).statusCode()).isEqualTo(400);
    }

    @Test
    void received_holdsEveryByte_andIsBounded(@TempDir Path folder) throws Exception {
        client.chat(conversation(false, user("the canary 4929-1234 sang")));
        var chunked = client.to("/chat/completions")
                .POST(BodyPublishers.fromPublisher(
                        BodyPublishers.ofString(conversation(false, user("chunked canary")))))
                .build();
        client.send(chunked);
        client.transcribe(Map.of("model", "m", "prompt", "quiet canary"));
        var received = simulator.received();
        assertThat(received.complete()).isTrue();
        assertThat(List.of("4929-1234", "chunked canary", "quiet canary", "Bearer " + ModelClient.TOKEN))
                .allMatch(received::contains);
        assertThat(received.contains("never sent")).isFalse();
        received.saveTo(folder);
        assertThat(new LeakScan().text("canary", "the canary 4929-1234 sang").search(folder))
                .isNotEmpty();
        received.clear();
        assertThat(received.bytes()).isZero();

        try (var small = ModelSimulator.start(
                ModelClient.config("healthcare-appointment").withMostRecordedBytes(100))) {
            try (var other = new ModelClient(small.baseUri())) {
                other.chat(conversation(false));
            }
            assertThat(small.received().complete()).isFalse();
            assertThat(small.received().bytes()).isLessThanOrEqualTo(100);
        }
    }

    @Test
    void port_taken_isUnavailable() {
        var config = ModelClient.config("healthcare-appointment").withPort(simulator.port());
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> ModelSimulator.start(config))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(SimulatorError.SIMULATOR_LISTEN_FAILED));
    }

    @Test
    void tls_isReal() throws Exception {
        try (var secure = ModelSimulator.start(
                        ModelClient.config("healthcare-appointment").withIdentity(TestIdentity.SERVER));
                var other = new ModelClient(secure.baseUri())) {
            assertThat(secure.baseUri().getScheme()).isEqualTo("https");
            var response = other.chat(conversation(false));
            assertThat(response.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
            assertThat(secure.received().contains("You are a receptionist.")).isTrue();
        }
    }

    @Test
    void close_leavesNoConnectionAndNoThread() throws Exception {
        client.chat(conversation(false));
        simulator.close();
        assertThat(simulator.openConnections()).isZero();
        assertThatExceptionOfType(java.io.IOException.class).isThrownBy(() -> client.chat(conversation(false)));
    }
}
