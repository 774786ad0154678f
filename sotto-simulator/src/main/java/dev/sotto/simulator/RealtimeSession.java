package dev.sotto.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// One Realtime session: client events in, server events out, over one scene. Knows no socket and no clock but those it
/// is
/// given. Used on one thread only.
final class RealtimeSession {
    private static final int LEAST_COMMIT_MILLISECONDS = 100;
    private static final int HEARING_MILLISECONDS = 60;
    private static final int MOST_AT_ONCE = 16;
    private static final Duration LIFE = Duration.ofMinutes(60);

    /// What a connection asked for.
    ///
    /// @param key the call, for the recogniser of sessions that only transcribe; empty for the one without a name
    /// @param transcription whether nothing is answered, only written down
    record Opening(Scene scene, String model, String key, boolean transcription) {}

    private final Studio studio;
    private final Opening opening;
    private final RealtimeWire wire;
    private final Timers timers;
    private final SceneRun run;
    private final SessionSettings settings;
    private final RealtimeItems items;
    private final Conversation conversation = new Conversation();
    private final String conversationId;
    private @Nullable EnergyVad vad;
    private @Nullable String speaking;
    private @Nullable RealtimeResponse active;
    private long heardBytes;
    private long bufferedBytes;
    private final List<Player> hearings = new ArrayList<>();
    private final List<RealtimeResponse> playing = new ArrayList<>();
    private boolean closed;

    RealtimeSession(Studio studio, Opening opening, RealtimeWire wire, Timers timers) {
        this.studio = studio;
        this.opening = opening;
        this.wire = wire;
        this.timers = timers;
        this.run = new SceneRun(opening.scene());
        this.conversationId = wire.id("conv_");
        this.items = new RealtimeItems(wire, conversation);
        this.settings = new SessionSettings(
                wire.id("sess_"),
                opening.model(),
                studio.clock().instant().plus(LIFE).getEpochSecond(),
                opening.transcription());
    }

    void open() {
        wire.send("session.created", Json.object().set("session", settings.json(wire.dialect())));
        ObjectNode fields = Json.object();
        fields.putObject("conversation").put("id", conversationId).put("object", "realtime.conversation");
        wire.send("conversation.created", fields);
        listen();
    }

    void close() {
        closed = true;
        playing.forEach(RealtimeResponse::drop);
        hearings.forEach(Player::cancel);
    }

    void receive(String text) {
        if (closed) {
            return;
        }
        Optional<ClientFrame> read = ClientFrame.read(text);
        if (read.isEmpty()) {
            wire.error("invalid_json", "the event is not a json object", "", "");
            return;
        }
        ClientFrame frame = read.get();
        if (frame.type().equals(ClientFrame.APPEND)) {
            append(frame);
        } else if (frame.type().isEmpty()) {
            wire.error("invalid_event", "The 'type' field is missing.", "type", frame.eventId());
        } else {
            Json.readObject(text).ifPresent(event -> dispatch(frame.type(), event, frame.eventId()));
        }
    }

    private void dispatch(String type, ObjectNode event, String eventId) {
        switch (type) {
            case "session.update" -> update("session.updated", event.path("session"), eventId);
            case "transcription_session.update" ->
                update("transcription_session.updated", event.path("session"), eventId);
            case "input_audio_buffer.commit" -> commitByHand(eventId);
            case "input_audio_buffer.clear" -> {
                bufferedBytes = 0;
                speaking = null;
                if (vad != null) {
                    vad.forget();
                }
                wire.send("input_audio_buffer.cleared", Json.object());
            }
            case "response.create" -> respond(event.path("response"), eventId);
            case "response.cancel" -> cancel(event, eventId);
            case "conversation.item.create" -> items.create(event, eventId);
            case "conversation.item.delete" -> items.delete(event, eventId);
            case "conversation.item.retrieve" -> items.retrieve(event, eventId);
            case "conversation.item.truncate" -> items.truncate(event, eventId);
            default -> wire.error("invalid_value", "the simulator does not know this event", "type", eventId);
        }
    }

    private void update(String answer, JsonNode session, String eventId) {
        boolean oldTranscription = wire.dialect() == Dialect.BETA && opening.transcription();
        if (oldTranscription != answer.startsWith("transcription_")) {
            wire.error("invalid_value", "this is a session of another kind", "type", eventId);
            return;
        }
        if (!session.isObject()) {
            wire.error("missing_required_parameter", "session is missing", "session", eventId);
            return;
        }
        AudioFormat before = settings.input();
        var refusal = settings.update(session, wire.dialect());
        if (refusal.isPresent()) {
            wire.error(
                    refusal.get().code(),
                    "the session was not changed",
                    refusal.get().param(),
                    eventId);
            return;
        }
        if (before != settings.input()) {
            vad = null;
        }
        listen();
        wire.send(answer, Json.object().set("session", settings.json(wire.dialect())));
    }

    /// Sets up the ear as the settings want it.
    private void listen() {
        Optional<TurnDetection> turns = settings.turns();
        if (turns.isEmpty()) {
            vad = null;
        } else if (vad == null) {
            vad = new EnergyVad(settings.input(), turns.get(), heardMilliseconds(), this::started, this::stopped);
        } else {
            vad.set(turns.get());
        }
    }

    private long heardMilliseconds() {
        return heardBytes / settings.input().bytesPerMillisecond();
    }

    private void append(ClientFrame frame) {
        byte[] sound;
        try {
            sound = Base64.getDecoder().decode(frame.audio());
        } catch (IllegalArgumentException malformed) {
            sound = new byte[0];
        }
        if (sound.length == 0) {
            wire.error("invalid_value", "audio is missing or not base64", "audio", frame.eventId());
            return;
        }
        heardBytes += sound.length;
        bufferedBytes += sound.length;
        if (vad != null) {
            vad.hear(sound);
        }
    }

    private void started(long milliseconds) {
        String item = wire.id("item_");
        speaking = item;
        wire.send(
                "input_audio_buffer.speech_started",
                Json.object().put("audio_start_ms", milliseconds).put("item_id", item));
        boolean interrupts =
                settings.turns().map(TurnDetection::interruptResponse).orElse(false);
        if (active != null && active.inConversation() && interrupts) {
            active.cancel("turn_detected");
        }
    }

    private void stopped(long milliseconds) {
        String item = speaking == null ? wire.id("item_") : speaking;
        speaking = null;
        wire.send(
                "input_audio_buffer.speech_stopped",
                Json.object().put("audio_end_ms", milliseconds).put("item_id", item));
        commit(item);
        if (!opening.transcription()
                && settings.turns().map(TurnDetection::createResponse).orElse(false)) {
            if (active != null && active.inConversation()) {
                active.cancel("turn_detected");
            }
            respond(Json.object(), "");
        }
    }

    private void commitByHand(String eventId) {
        if (bufferedBytes / settings.input().bytesPerMillisecond() < LEAST_COMMIT_MILLISECONDS) {
            wire.error("input_audio_buffer_commit_empty", "the buffer has less than 100 ms of audio", "", eventId);
            return;
        }
        String item = speaking == null ? wire.id("item_") : speaking;
        speaking = null;
        if (vad != null) {
            vad.forget();
        }
        commit(item);
    }

    /// What was heard becomes an item, and the recogniser's view of it follows.
    private void commit(String itemId) {
        bufferedBytes = 0;
        conversation.lead(run, false);
        Scene.Heard heard =
                opening.transcription() ? studio.hearings().next(opening.scene(), opening.key()) : run.utterance();
        boolean neverFinal = !opening.transcription() && run.neverFinal();
        ObjectNode committed = Json.object();
        committed.put("previous_item_id", conversation.last()).put("item_id", itemId);
        wire.send("input_audio_buffer.committed", committed);
        items.spoken(itemId, heard.text());
        Fault fault = studio.faults().take(Service.REALTIME_HEARING);
        if (settings.transcribes()) {
            transcribe(itemId, heard, neverFinal ? Fault.of(Fault.Kind.NEVER_FINAL) : fault);
        }
    }

    private void transcribe(String itemId, Scene.Heard heard, @Nullable Fault fault) {
        var cues = new ArrayList<Player.Cue>();
        int at = HEARING_MILLISECONDS;
        int said = 0;
        for (String partial : heard.partials()) {
            String delta = partial.substring(said);
            said = partial.length();
            cues.add(new Player.Cue(
                    at, () -> hear(itemId, "delta", Json.object().put("delta", delta))));
            at += HEARING_MILLISECONDS;
        }
        if (fault != null && fault.kind() == Fault.Kind.SERVER_ERROR) {
            ObjectNode failed = Json.object();
            failed.putObject("error")
                    .put("type", "server_error")
                    .put("code", "audio_unintelligible")
                    .put("message", "scripted: the audio could not be transcribed")
                    .putNull("param");
            cues.add(new Player.Cue(at, () -> hear(itemId, "failed", failed)));
        } else if (fault == null || fault.kind() == Fault.Kind.DELAY) {
            String rest = heard.text().substring(said);
            if (!rest.isEmpty()) {
                cues.add(new Player.Cue(
                        at, () -> hear(itemId, "delta", Json.object().put("delta", rest))));
            }
            ObjectNode completed = Json.object().put("transcript", heard.text());
            int tokens = ChatEndpoint.tokens(heard.text());
            completed
                    .putObject("usage")
                    .put("type", "tokens")
                    .put("total_tokens", 2 * tokens)
                    .put("input_tokens", tokens)
                    .put("output_tokens", tokens)
                    .putObject("input_token_details")
                    .put("text_tokens", 0)
                    .put("audio_tokens", tokens);
            cues.add(new Player.Cue(at, () -> hear(itemId, "completed", completed)));
        } // any other fault: partials and then nothing
        var player = new Player(timers, studio.pace(), cues.iterator(), wire::ready);
        hearings.removeIf(each -> !each.running());
        hearings.add(player);
        player.start(fault == null ? Duration.ZERO : fault.delay());
    }

    private void hear(String itemId, String what, ObjectNode more) {
        if (closed) {
            return;
        }
        ObjectNode fields = Json.object().put("item_id", itemId).put("content_index", 0);
        fields.setAll(more);
        wire.send("conversation.item.input_audio_transcription." + what, fields);
    }

    private void respond(JsonNode overrides, String eventId) {
        if (opening.transcription()) {
            wire.error("invalid_value", "a transcription session gives no response", "type", eventId);
            return;
        }
        boolean inConversation = !Json.text(overrides, "conversation", "auto").equals("none");
        if (active != null && inConversation && active.inConversation()) {
            wire.error(
                    "conversation_already_has_active_response",
                    "wait until the response is done before creating a new one",
                    "",
                    eventId);
            return;
        }
        playing.removeIf(response -> !response.running());
        if (playing.size() >= MOST_AT_ONCE) {
            wire.error("too_many_responses", "the simulator gives at most 16 responses at once", "", eventId);
            return;
        }
        JsonNode modalities = overrides.path(wire.dialect() == Dialect.BETA ? "modalities" : "output_modalities");
        boolean audible = modalities.isMissingNode() ? settings.audible() : SessionSettings.hears(modalities);
        Answer answer = answer(overrides, inConversation);
        var order = new RealtimeResponse.Order(
                wire.id("resp_"),
                conversationId,
                answer,
                studio.voice().say(answer.say()),
                audible,
                inConversation,
                overrides.path("metadata").isObject() ? overrides.path("metadata") : Json.MAPPER.nullNode());
        var response = new RealtimeResponse(order, wire, conversation, settings, timers, studio.pace(), this::finished);
        if (inConversation) {
            active = response;
        }
        playing.add(response);
        response.start();
    }

    private Answer answer(JsonNode overrides, boolean inConversation) {
        Fault injected = studio.faults().take(Service.REALTIME_RESPONSE);
        if (!inConversation) {
            return items.aside(run, overrides).bent(injected, run.lastHeard());
        }
        conversation.lead(run, true);
        Answer answer = run.answer().bent(injected, run.lastHeard());
        boolean tools = settings.toolsWanted()
                && !Json.text(overrides, "tool_choice", "").equals("none");
        return tools ? answer : new Answer(answer.say(), List.of(), answer.fault());
    }

    private void finished(RealtimeResponse response) {
        if (active == response) {
            active = null;
        }
    }

    private void cancel(ObjectNode event, String eventId) {
        String wanted = Json.text(event, "response_id", "");
        if (active == null || !(wanted.isEmpty() || wanted.equals(active.id()))) {
            wire.error("response_cancel_not_active", "no such response is active", "response_id", eventId);
            return;
        }
        active.cancel("client_cancelled");
    }
}
