package dev.sotto.simulator;

import dev.sotto.core.SensitiveText;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// A Realtime session without a socket, in time that is moved by hand.
final class SessionRig {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-27T10:00:00Z"), ZoneOffset.UTC);

    final ManualTimers timers = new ManualTimers();
    final List<String> sent = new ArrayList<>();
    final Studio studio;
    final RealtimeSession session;
    final Dialect dialect;
    boolean cut;

    SessionRig(Dialect dialect, Pace pace, String scene) {
        this(dialect, pace, Scene.shipped(scene));
    }

    SessionRig(Dialect dialect, Pace pace, Scene scene) {
        this(dialect, pace, scene, false);
    }

    SessionRig(Dialect dialect, Pace pace, Scene scene, boolean transcription) {
        this.dialect = dialect;
        studio = new Studio(SimulatorConfig.insecurePlain(scene, SensitiveText.of("token"))
                .withPace(pace)
                .withClock(CLOCK));
        var socket = new RealtimeWire.Socket() {
            @Override
            public void send(String text) {
                sent.add(text);
            }

            @Override
            public boolean ready() {
                return true;
            }

            @Override
            public void cut() {
                cut = true;
            }
        };
        var wire = new RealtimeWire(socket, dialect, new Ids(1, 1));
        // The official library takes only models that it knows in the beta dialect.
        String model = dialect == Dialect.GENERAL ? "simulator/test" : "gpt-4o-realtime-preview";
        session = new RealtimeSession(
                studio, new RealtimeSession.Opening(scene, model, "call", transcription), wire, timers);
        session.open();
    }

    static SessionRig gated() {
        var rig = new SessionRig(Dialect.GENERAL, Pace.IMMEDIATE, "healthcare-appointment");
        rig.configure(false);
        return rig;
    }

    /// mu-law both ways, transcription on.
    void configure(boolean createResponse) {
        session.receive(dialect == Dialect.GENERAL ? """
                        {"type":"session.update","session":{"type":"realtime","output_modalities":["audio"],"instructions":"be kind",
                         "audio":{"input":{"format":{"type":"audio/pcmu"},"transcription":{"model":"gpt-4o-transcribe"},
                          "turn_detection":{"type":"server_vad","create_response":%s,"interrupt_response":true}},
                         "output":{"format":{"type":"audio/pcmu"},"voice":"marin"}},
                         "tools":[{"type":"function","name":"verify_identity","parameters":{"type":"object"}}]}}
                        """.formatted(createResponse) : """
                        {"type":"session.update","session":{"modalities":["text","audio"],"instructions":"be kind",
                         "input_audio_format":"g711_ulaw","output_audio_format":"g711_ulaw","voice":"alloy",
                         "input_audio_transcription":{"model":"whisper-1"},
                         "turn_detection":{"type":"server_vad","create_response":%s}}}
                        """.formatted(createResponse));
    }

    void say(String json) {
        session.receive(json);
        settle();
    }

    /// Whatever is due at once.
    void settle() {
        timers.advance(Duration.ZERO);
    }

    /// The caller speaks for that long, then is silent for a second.
    void speak(int milliseconds) {
        hear(Sounds.speech(milliseconds));
        hear(Sounds.silence(1_000));
        settle();
    }

    void hear(byte[] mulaw) {
        for (int from = 0; from < mulaw.length; from += 160) {
            byte[] frame = Arrays.copyOfRange(mulaw, from, Math.min(mulaw.length, from + 160));
            session.receive("{\"type\":\"input_audio_buffer.append\",\"audio\":\"%s\"}"
                    .formatted(Base64.getEncoder().encodeToString(frame)));
        }
    }

    List<JsonNode> events() {
        return sent.stream()
                .map(text -> (JsonNode) Json.readObject(text).orElseThrow())
                .toList();
    }

    List<JsonNode> events(String type) {
        return events().stream()
                .filter(event -> event.path("type").asString("").equals(type))
                .toList();
    }

    JsonNode last(String type) {
        return events(type).getLast();
    }

    List<String> types() {
        return events().stream().map(event -> event.path("type").asString("")).toList();
    }

    /// Types since the last call of this or of [#forget()], runs of the same type as one.
    List<String> typesSince(int from) {
        var types = new ArrayList<String>();
        for (String type : types().subList(from, sent.size())) {
            if (types.isEmpty() || !types.getLast().equals(type)) {
                types.add(type);
            }
        }
        return types;
    }
}
