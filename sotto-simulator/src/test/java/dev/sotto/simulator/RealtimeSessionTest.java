package dev.sotto.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.Samples;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RealtimeSessionTest {
    private static final String RESPOND = "{\"type\":\"response.create\"}";

    @Test
    void open_saysWhatItIs() {
        var rig = new SessionRig(Dialect.GENERAL, Pace.IMMEDIATE, "healthcare-appointment");
        assertThat(rig.types()).containsExactly("session.created", "conversation.created");
        var session = rig.last("session.created").path("session");
        assertThat(session.path("x_sotto_simulator").asString()).isEqualTo("scripted");
        assertThat(session.at("/audio/input/format/type").asString()).isEqualTo("audio/pcm");
        assertThat(session.at("/audio/input/turn_detection/threshold").asDouble())
                .isEqualTo(0.5);
    }

    @Test
    void update_isAnsweredWithTheSessionAsItIsNow() {
        var rig = SessionRig.gated();
        var session = rig.last("session.updated").path("session");
        assertThat(session.at("/audio/output/format/type").asString()).isEqualTo("audio/pcmu");
        assertThat(session.at("/audio/input/turn_detection/create_response").asBoolean())
                .isFalse();
        assertThat(session.path("instructions").asString()).isEqualTo("be kind");
        assertThat(session.at("/tools/0/name").asString()).isEqualTo("verify_identity");
    }

    @Test
    void response_events_comeInTheDocumentedOrder() {
        var rig = SessionRig.gated();
        int before = rig.sent.size();
        rig.say(RESPOND);
        assertThat(rig.typesSince(before).stream()
                        .filter(type -> !type.endsWith("audio.delta") && !type.endsWith("transcript.delta")))
                .containsExactly(
                        "response.created",
                        "response.output_item.added",
                        "conversation.item.added",
                        "response.content_part.added",
                        "response.output_audio.done",
                        "response.output_audio_transcript.done",
                        "response.content_part.done",
                        "conversation.item.done",
                        "response.output_item.done",
                        "response.done",
                        "rate_limits.updated");
        String transcript = rig.events("response.output_audio_transcript.delta").stream()
                .map(event -> event.path("delta").asString())
                .collect(Collectors.joining());
        assertThat(transcript)
                .isEqualTo("Lakeside Clinic. You are talking to a scripted simulator. How can I help you?")
                .isEqualTo(rig.last("response.output_audio_transcript.done")
                        .path("transcript")
                        .asString())
                .isEqualTo(rig.last("response.done")
                        .at("/response/output/0/content/0/transcript")
                        .asString());
        int sound = rig.events("response.output_audio.delta").stream()
                .mapToInt(
                        event -> Base64.getDecoder().decode(event.path("delta").asString()).length)
                .sum();
        assertThat(sound / 8).isBetween(5_000, 6_500);
    }

    @Test
    void response_realTime_comesAtThePaceOfSpeech() {
        var rig = new SessionRig(Dialect.GENERAL, Pace.REAL_TIME, "healthcare-appointment");
        rig.configure(false);
        rig.say(RESPOND);
        rig.timers.advance(Duration.ofMillis(1_999));
        assertThat(rig.events("response.output_audio.delta")).hasSize(10);
        assertThat(rig.events("response.done")).isEmpty();
        rig.timers.advance(Duration.ofSeconds(5));
        assertThat(rig.events("response.done")).hasSize(1);
    }

    @Test
    void transcript_runsAheadOfItsSound() {
        var rig = new SessionRig(Dialect.GENERAL, Pace.REAL_TIME, "healthcare-appointment");
        rig.configure(false);
        rig.say(RESPOND);
        rig.timers.advance(Duration.ofMillis(1_050)); // "Lakeside Clinic." takes 1,190 ms
        String said = rig.events("response.output_audio_transcript.delta").stream()
                .map(event -> event.path("delta").asString())
                .collect(Collectors.joining());
        assertThat(said).startsWith("Lakeside Clinic.");
    }

    @Test
    void speech_isFoundAndTranscribed() {
        var rig = SessionRig.gated();
        rig.hear(Sounds.silence(1_000));
        rig.speak(1_500);
        var started = rig.last("input_audio_buffer.speech_started");
        var stopped = rig.last("input_audio_buffer.speech_stopped");
        assertThat(started.path("audio_start_ms").asInt()).isEqualTo(700); // 300 ms of padding
        assertThat(stopped.path("audio_end_ms").asInt()).isEqualTo(3_000); // 500 ms of silence included
        String item = started.path("item_id").asString();
        assertThat(stopped.path("item_id").asString()).isEqualTo(item);
        assertThat(rig.last("input_audio_buffer.committed").path("item_id").asString())
                .isEqualTo(item);
        var completed = rig.last("conversation.item.input_audio_transcription.completed");
        assertThat(completed.path("item_id").asString()).isEqualTo(item);
        assertThat(completed.path("transcript").asString()).contains("next appointment");
        assertThat(rig.events("conversation.item.input_audio_transcription.delta").stream()
                        .map(event -> event.path("delta").asString())
                        .collect(Collectors.joining()))
                .isEqualTo(completed.path("transcript").asString());
        assertThat(rig.events("response.created")).isEmpty();
    }

    @Test
    void speech_createResponse_isAnsweredAtOnce() {
        var rig = new SessionRig(Dialect.GENERAL, Pace.IMMEDIATE, "healthcare-appointment");
        rig.configure(true);
        rig.speak(500);
        assertThat(rig.last("response.done")
                        .at("/response/output/0/content/0/transcript")
                        .asString())
                .contains("date of birth");
    }

    @Test
    void speech_quietNoise_isNoSpeech() {
        var rig = SessionRig.gated();
        rig.hear(Sounds.noise(2_000, 100));
        assertThat(rig.events("input_audio_buffer.speech_started")).isEmpty();
    }

    @Test
    void speech_pcmOrMulaw_isFoundAtTheSamePlace() {
        var rig = SessionRig.gated();
        rig.speak(400);
        int mulaw = rig.last("input_audio_buffer.speech_started")
                .path("audio_start_ms")
                .asInt();

        var pcm = new SessionRig(Dialect.GENERAL, Pace.IMMEDIATE, "healthcare-appointment");
        byte[] sound = Upsampler.pcm24k(Sounds.speech(400));
        for (int from = 0; from < sound.length; from += 777) { // odd pieces: a sample may be torn
            byte[] piece = java.util.Arrays.copyOfRange(sound, from, Math.min(sound.length, from + 777));
            pcm.session.receive("{\"audio\":\"%s\",\"type\":\"input_audio_buffer.append\"}"
                    .formatted(Base64.getEncoder().encodeToString(piece)));
        }
        assertThat(pcm.last("input_audio_buffer.speech_started")
                        .path("audio_start_ms")
                        .asInt())
                .isEqualTo(mulaw);
    }

    @Test
    void gatedConversation_itemReplacedByPlaceholders_leadsTheScene() {
        var rig = SessionRig.gated();
        rig.say(RESPOND);
        replaceSpeech(rig, "When is my next appointment?");
        rig.say(RESPOND);
        replaceSpeech(rig, "My name is <NAME_1>, and I was born on <DOB_1>.");
        rig.say(RESPOND);
        var verify = rig.last("response.function_call_arguments.done");
        assertThat(verify.path("name").asString()).isEqualTo("verify_identity");
        assertThat(verify.path("arguments").asString()).isEqualTo("{\"birth_date\":\"<DOB_1>\",\"name\":\"<NAME_1>\"}");
        answerTool(rig, verify, "{\\\"verified\\\":true}");
        var lookup = rig.last("response.function_call_arguments.done");
        assertThat(lookup.path("name").asString()).isEqualTo("lookup_appointment");
        answerTool(rig, lookup, "{\\\"appointment\\\":{\\\"at\\\":\\\"2026-12-01T10:30\\\"}}");
        assertThat(rig.last("response.output_audio_transcript.done")
                        .path("transcript")
                        .asString())
                .contains("Tuesday, December first at ten thirty A M");
        rig.speak(300);
        assertThat(rig.last("conversation.item.input_audio_transcription.completed")
                        .path("transcript")
                        .asString())
                .contains("Goodbye");
    }

    private static void replaceSpeech(SessionRig rig, String guarded) {
        rig.speak(400);
        String heard = rig.last("input_audio_buffer.committed").path("item_id").asString();
        rig.say("{\"type\":\"conversation.item.delete\",\"item_id\":\"%s\"}".formatted(heard));
        assertThat(rig.last("conversation.item.deleted").path("item_id").asString())
                .isEqualTo(heard);
        rig.say("""
                {"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"%s"}]}}
                """.formatted(guarded));
    }

    private static void answerTool(SessionRig rig, JsonNode call, String escaped) {
        rig.say("""
                {"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"%s","output":"%s"}}
                """.formatted(call.path("call_id").asString(), escaped));
        rig.say(RESPOND);
    }

    @Test
    void bargeIn_cancelsTheResponseAndTruncates() {
        var rig = new SessionRig(Dialect.GENERAL, Pace.REAL_TIME, "healthcare-appointment");
        rig.configure(false);
        rig.say(RESPOND);
        rig.timers.advance(Duration.ofSeconds(1));
        String item = rig.last("response.output_item.added").at("/item/id").asString();
        rig.hear(Sounds.speech(200));
        var done = rig.last("response.done").path("response");
        assertThat(done.path("status").asString()).isEqualTo("cancelled");
        assertThat(done.at("/status_details/reason").asString()).isEqualTo("turn_detected");
        assertThat(done.at("/output/0/status").asString()).isEqualTo("incomplete");
        rig.say(truncate(item, 600));
        assertThat(rig.last("conversation.item.truncated").path("audio_end_ms").asInt())
                .isEqualTo(600);
        rig.say(truncate(item, 601));
        assertThat(rig.last("error").at("/error/param").asString()).isEqualTo("audio_end_ms");
        int before = rig.sent.size();
        rig.timers.advance(Duration.ofSeconds(20));
        assertThat(rig.typesSince(before)).isEmpty();
    }

    private static String truncate(String item, int end) {
        return "{\"type\":\"conversation.item.truncate\",\"item_id\":\"%s\",\"content_index\":0,\"audio_end_ms\":%d}"
                .formatted(item, end);
    }

    @Test
    void cancel_activeResponse_endsIt_andAgainIsAnError() {
        var rig = new SessionRig(Dialect.GENERAL, Pace.REAL_TIME, "healthcare-appointment");
        rig.say(RESPOND);
        rig.say("{\"type\":\"response.create\",\"event_id\":\"mine\"}");
        assertThat(rig.last("error").at("/error/code").asString())
                .isEqualTo("conversation_already_has_active_response");
        assertThat(rig.last("error").at("/error/event_id").asString()).isEqualTo("mine");
        rig.say("{\"type\":\"response.cancel\"}");
        assertThat(rig.last("response.done")
                        .at("/response/status_details/reason")
                        .asString())
                .isEqualTo("client_cancelled");
        rig.say("{\"type\":\"response.cancel\"}");
        assertThat(rig.last("error").at("/error/code").asString()).isEqualTo("response_cancel_not_active");
        rig.say(RESPOND);
        assertThat(rig.events("response.created")).hasSize(2);
    }

    @Test
    void textOnly_isWritten() {
        var rig = SessionRig.gated();
        rig.say("{\"type\":\"response.create\",\"response\":{\"output_modalities\":[\"text\"]}}");
        assertThat(rig.last("response.output_text.done").path("text").asString())
                .contains("scripted simulator");
        assertThat(rig.events("response.output_audio.delta")).isEmpty();
    }

    @Test
    void outsideTheConversation_isAnAsideAndLeavesNoItem() {
        var rig = SessionRig.gated();
        rig.say("""
                {"type":"response.create","response":{"conversation":"none","output_modalities":["text"],
                 "instructions":"Summarise the call","metadata":{"purpose":"summary"}}}
                """);
        var response = rig.last("response.done").path("response");
        assertThat(response.at("/output/0/content/0/text").asString()).startsWith("{\"summary\": \"Scripted summary: ");
        assertThat(response.at("/metadata/purpose").asString()).isEqualTo("summary");
        assertThat(response.path("conversation_id").isNull()).isTrue();
        assertThat(rig.events("conversation.item.added")).isEmpty();
    }

    @Test
    void transcriptionSession_writesDownOnly_andFollowsTheCallOfTheChat() {
        var scene = Scene.shipped("healthcare-appointment");
        var rig = new SessionRig(Dialect.GENERAL, Pace.IMMEDIATE, scene, true);
        rig.say("{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\"}}");
        assertThat(rig.last("error").at("/error/param").asString()).isEqualTo("session.type");
        rig.say("{\"type\":\"session.update\",\"session\":{\"type\":\"transcription\",\"audio\":{\"input\":"
                + "{\"format\":{\"type\":\"audio/pcmu\"},\"transcription\":{\"model\":\"x\"}}}}}");
        assertThat(rig.last("session.updated").at("/session/type").asString()).isEqualTo("transcription");
        rig.speak(400);
        assertThat(heard(rig)).contains("next appointment");
        rig.studio.hearings().follow(scene, "call", scene.place("asks-phone"));
        rig.speak(400);
        assertThat(heard(rig)).contains("last four digits");
        rig.say(RESPOND);
        assertThat(rig.events("response.created")).isEmpty();
    }

    private static String heard(SessionRig rig) {
        return rig.last("conversation.item.input_audio_transcription.completed")
                .path("transcript")
                .asString();
    }

    @Test
    void commitByHand_withoutTurnDetection() {
        var rig = SessionRig.gated();
        rig.say(
                "{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"audio\":{\"input\":{\"turn_detection\":null}}}}");
        rig.hear(Sounds.speech(60));
        rig.say("{\"type\":\"input_audio_buffer.commit\"}");
        assertThat(rig.last("error").at("/error/code").asString()).isEqualTo("input_audio_buffer_commit_empty");
        rig.hear(Sounds.speech(60));
        rig.say("{\"type\":\"input_audio_buffer.commit\"}");
        assertThat(rig.events("input_audio_buffer.speech_started")).isEmpty();
        assertThat(rig.events("conversation.item.input_audio_transcription.completed"))
                .hasSize(1);
        rig.hear(Sounds.speech(200));
        rig.say("{\"type\":\"input_audio_buffer.clear\"}");
        assertThat(rig.types()).contains("input_audio_buffer.cleared");
        rig.say("{\"type\":\"input_audio_buffer.commit\"}");
        assertThat(rig.events("error")).hasSize(2);
    }

    @Test
    void sameInput_sameOutput_byteForByte() {
        assertThat(playThrough().sent).isEqualTo(playThrough().sent);
    }

    private static SessionRig playThrough() {
        var rig = SessionRig.gated();
        rig.say(RESPOND);
        rig.speak(400);
        rig.say(RESPOND);
        return rig;
    }

    @Test
    void anyEvents_inAnyOrder_neverBreakTheSession() {
        List<String> moves = List.of(
                RESPOND,
                "{\"type\":\"response.cancel\"}",
                "{\"type\":\"input_audio_buffer.commit\"}",
                "{\"type\":\"input_audio_buffer.clear\"}",
                RealtimeItemsTest.message("x", null),
                "{\"type\":\"conversation.item.delete\",\"item_id\":\"x\"}",
                "{\"type\":\"conversation.item.create\",\"item\":{\"type\":\"function_call_output\",\"call_id\":\"call_2_0_1\",\"output\":\"{}\"}}",
                "{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"tool_choice\":\"none\"}}",
                "speech",
                "time");
        Samples.forAll(
                60,
                random -> random.ints(30, 0, moves.size()).mapToObj(moves::get).toList(),
                chosen -> {
                    var rig = new SessionRig(Dialect.GENERAL, Pace.REAL_TIME, "healthcare-appointment");
                    rig.configure(true);
                    for (String move : chosen) {
                        switch (move) {
                            case "speech" -> rig.speak(200);
                            case "time" -> rig.timers.advance(Duration.ofSeconds(3));
                            default -> rig.say(move);
                        }
                    }
                    rig.timers.advance(Duration.ofMinutes(1));
                    assertThat(rig.events("response.created")).hasSameSizeAs(rig.events("response.done"));
                    assertThat(rig.events().stream()
                                    .map(event -> event.path("event_id").asString()))
                            .doesNotHaveDuplicates();
                    assertThat(rig.timers.idle()).isTrue();
                });
    }
}
