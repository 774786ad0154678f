package dev.sotto.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class RealtimeFaultTest {
    private static final String RESPOND = "{\"type\":\"response.create\"}";
    private static final Duration LONG = Duration.ofMinutes(5);

    private static SessionRig faulty(Service service, Fault fault) {
        var rig = new SessionRig(Dialect.GENERAL, Pace.REAL_TIME, "healthcare-appointment");
        rig.configure(false);
        rig.studio.faults().inject(service, fault, 1);
        return rig;
    }

    @Test
    void delay_holdsTheAnswerBack() {
        var rig = faulty(Service.REALTIME_RESPONSE, Fault.delay(Duration.ofSeconds(3)));
        rig.say(RESPOND);
        rig.timers.advance(Duration.ofMillis(2_999));
        assertThat(rig.events("response.output_audio.delta")).isEmpty();
        rig.timers.advance(Duration.ofMillis(1));
        assertThat(rig.events("response.output_audio.delta")).isNotEmpty();
    }

    @Test
    void stall_beginsAndNeverEnds() {
        var rig = faulty(Service.REALTIME_RESPONSE, Fault.of(Fault.Kind.STALL));
        rig.say(RESPOND);
        rig.timers.advance(LONG);
        assertThat(rig.events("response.output_audio.delta")).isNotEmpty();
        assertThat(rig.events("response.done")).isEmpty();
        assertThat(rig.cut).isFalse();
        rig.say("{\"type\":\"response.cancel\"}");
        assertThat(rig.events("response.done")).hasSize(1);
    }

    @Test
    void close_cutsInTheMiddle() {
        var rig = faulty(Service.REALTIME_RESPONSE, Fault.of(Fault.Kind.CLOSE));
        rig.say(RESPOND);
        rig.timers.advance(LONG);
        assertThat(rig.cut).isTrue();
        assertThat(rig.events("response.done")).isEmpty();
    }

    @Test
    void rateLimitedAndServerError_areFailedResponses() {
        for (var kind : List.of(Fault.Kind.RATE_LIMITED, Fault.Kind.SERVER_ERROR)) {
            var rig = faulty(Service.REALTIME_RESPONSE, Fault.of(kind));
            rig.say(RESPOND);
            var response = rig.last("response.done").path("response");
            assertThat(response.path("status").asString()).isEqualTo("failed");
            assertThat(response.at("/status_details/error/code").asString())
                    .isEqualTo(kind == Fault.Kind.RATE_LIMITED ? "rate_limit_exceeded" : "server_error");
            rig.say(RESPOND);
            rig.timers.advance(LONG);
            assertThat(rig.last("response.done").at("/response/status").asString())
                    .isEqualTo("completed");
        }
    }

    @Test
    void outOfOrder_sameEvents_otherOrder() {
        var right = new SessionRig(Dialect.GENERAL, Pace.REAL_TIME, "healthcare-appointment");
        right.configure(false);
        right.say(RESPOND);
        right.timers.advance(LONG);
        var wrong = faulty(Service.REALTIME_RESPONSE, Fault.of(Fault.Kind.OUT_OF_ORDER));
        wrong.say(RESPOND);
        wrong.timers.advance(LONG);
        assertThat(wrong.types()).isNotEqualTo(right.types());
        assertThat(new HashSet<>(wrong.types())).isEqualTo(new HashSet<>(right.types()));
        assertThat(wrong.types()).hasSameSizeAs(right.types());
    }

    @Test
    void neverFinal_partialsOnly() {
        var rig = faulty(Service.REALTIME_HEARING, Fault.of(Fault.Kind.NEVER_FINAL));
        rig.speak(300);
        rig.timers.advance(LONG);
        assertThat(rig.events("conversation.item.input_audio_transcription.delta"))
                .hasSize(2);
        assertThat(rig.events("conversation.item.input_audio_transcription.completed"))
                .isEmpty();
    }

    @Test
    void neverFinal_ofAStep_isOfThatStepOnly() {
        var scene = Scene.parse("""
                {"format":"sotto-scene/1","name":"s","title":"t","otherwise":"Pardon?","steps":[
                 {"name":"a","say":"Hello."},
                 {"name":"b","heard":{"final":"one two","partials":["one"]},"say":"Yes.","fault":{"kind":"never-final"}},
                 {"name":"c","heard":{"final":"three"},"say":"Three."}]}
                """);
        var rig = new SessionRig(Dialect.GENERAL, Pace.IMMEDIATE, scene);
        rig.configure(false);
        rig.speak(300);
        assertThat(rig.events("conversation.item.input_audio_transcription.completed"))
                .isEmpty();
        rig.speak(300);
        assertThat(rig.last("conversation.item.input_audio_transcription.completed")
                        .path("transcript")
                        .asString())
                .isEqualTo("three");
    }

    @Test
    void hearing_serverError_isATranscriptionThatFailed() {
        var rig = faulty(Service.REALTIME_HEARING, Fault.of(Fault.Kind.SERVER_ERROR));
        rig.speak(300);
        rig.timers.advance(LONG);
        assertThat(rig.events("conversation.item.input_audio_transcription.failed"))
                .hasSize(1);
    }

    @Test
    void contentFaults_sayWhatTheyAreNamedFor() {
        var rig = faulty(Service.REALTIME_RESPONSE, Fault.of(Fault.Kind.UNKNOWN_TOOL));
        rig.say(RESPOND);
        rig.timers.advance(LONG);
        assertThat(rig.last("response.function_call_arguments.done")
                        .path("name")
                        .asString())
                .isEqualTo("wire_money");
        var echo = faulty(Service.REALTIME_RESPONSE, Fault.of(Fault.Kind.ECHO));
        echo.say("""
                {"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"4111 1111"}]}}
                """);
        echo.say(RESPOND);
        echo.timers.advance(LONG);
        assertThat(echo.last("response.output_audio_transcript.done")
                        .path("transcript")
                        .asString())
                .isEqualTo("You said: 4111 1111");
    }

    @Test
    void everyFault_leavesASessionThatCanBeClosed() {
        for (Fault.Kind kind : Fault.Kind.values()) {
            var fault = kind == Fault.Kind.DELAY ? Fault.delay(Duration.ofSeconds(1)) : Fault.of(kind);
            var rig = faulty(Service.REALTIME_RESPONSE, fault);
            rig.say(RESPOND);
            rig.timers.advance(Duration.ofSeconds(2));
            rig.session.close();
            int before = rig.sent.size();
            rig.session.receive(RESPOND);
            rig.timers.advance(Duration.ofSeconds(2));
            assertThat(new ArrayList<>(rig.sent.subList(before, rig.sent.size())))
                    .as("%s", kind)
                    .isEmpty();
        }
    }
}
