package dev.sotto.model;

import dev.sotto.core.Meter;
import dev.sotto.core.UnavailableException;
import dev.sotto.model.RealtimeEvent.Change;
import dev.sotto.model.RealtimeEvent.Playing;
import dev.sotto.model.RealtimeEvent.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// What a server's events mean where they come. Some orders are taken as they are (words before audio, a transcript
/// before the turn it belongs to); what belongs to no response that was asked for, or comes after its end, is left out
/// and counted. Guarded by the session's lock.
final class RealtimeOrder {
    static final int MAX_RESPONSES = 4;
    static final int MAX_UNASKED = 3;

    private static final int MOST_REMEMBERED = 32;
    private static final String ALREADY_RESPONDING = "conversation_already_has_active_response";

    private final RealtimeSettings settings;
    private final ProviderLimits limits;
    private final Meter meter;
    private final Consumer<String> cancel;
    private final Map<String, ResponseState> active = new HashMap<>();
    private final Set<String> unasked = new LinkedHashSet<>();
    private final Deque<String> asks = new ArrayDeque<>();
    private ChatRequest request;
    private int unaskedCount;

    /// @param cancel ends the response of that id
    RealtimeOrder(
            RealtimeSettings settings,
            ProviderLimits limits,
            Meter meter,
            ChatRequest request,
            Consumer<String> cancel) {
        this.settings = settings;
        this.limits = limits;
        this.meter = meter;
        this.request = request;
        this.cancel = cancel;
    }

    /// Other tools were declared.
    void instructed(ChatRequest other) {
        request = other;
    }

    /// A response was asked for by the event of that id.
    void asked(String eventId) {
        if (asks.size() == MAX_RESPONSES) {
            throw new UnavailableException(
                    ModelError.SESSION_OVERRUN, "responses that wait must be at most %d".formatted(MAX_RESPONSES));
        }
        asks.add(eventId);
    }

    /// Whether a response was asked for and has not begun.
    boolean awaiting() {
        return !asks.isEmpty();
    }

    /// Whether a response is being made.
    boolean responding() {
        return !active.isEmpty();
    }

    /// What `event` means to who takes the events.
    ///
    /// @throws UnavailableException if the session cannot go on
    List<RealtimeEvent> take(ServerEvent event) {
        var out = new ArrayList<RealtimeEvent>(2);
        switch (event.type()) {
            case SESSION_CREATED -> out.add(new RealtimeEvent.SessionCreated());
            case SESSION_UPDATED -> updated(event, out);
            case ERROR -> error(event, out);
            case SPEECH_STARTED ->
                out.add(new RealtimeEvent.SpeechStarted(event.itemId(), event.millis("audio_start_ms")));
            case SPEECH_STOPPED ->
                out.add(new RealtimeEvent.SpeechStopped(event.itemId(), event.millis("audio_end_ms")));
            case COMMITTED -> out.add(new RealtimeEvent.Committed(event.itemId()));
            case INPUT_TIMEOUT ->
                out.add(new RealtimeEvent.CallerSilent(event.millis("audio_start_ms"), event.millis("audio_end_ms")));
            case HEARD_PARTLY -> out.add(new RealtimeEvent.HeardPartly(event.itemId(), event.protectedText("delta")));
            case HEARD_SEGMENT -> out.add(new RealtimeEvent.HeardPartly(event.itemId(), event.protectedText("text")));
            case HEARD ->
                out.add(new RealtimeEvent.Heard(
                        event.itemId(), event.index("content_index"), event.protectedText("transcript")));
            case HEARING_FAILED -> out.add(new RealtimeEvent.HearingFailed(event.itemId()));
            case KEY -> key(event, out);
            case ITEM_ADDED -> changed(event.item(), Change.ADDED, out);
            case ITEM_DONE -> changed(event.item(), Change.DONE, out);
            case ITEM_RETRIEVED -> changed(event.item(), Change.RETRIEVED, out);
            case ITEM_DELETED -> out.add(new RealtimeEvent.ItemChanged(event.itemId(), Change.DELETED));
            case ITEM_TRUNCATED -> out.add(new RealtimeEvent.ItemChanged(event.itemId(), Change.TRUNCATED));
            case OUTPUT_STARTED -> out.add(new RealtimeEvent.OutputChanged(event.responseId(), Playing.STARTED));
            case OUTPUT_STOPPED -> out.add(new RealtimeEvent.OutputChanged(event.responseId(), Playing.STOPPED));
            case OUTPUT_CLEARED -> out.add(new RealtimeEvent.OutputChanged(event.responseId(), Playing.CLEARED));
            case RESPONSE_CREATED -> created(ServerEvent.id(event.response(), "id"), out);
            case RESPONSE_DONE -> done(event.response(), out);
            case OUTPUT_ITEM_ADDED,
                    OUTPUT_ITEM_DONE,
                    AUDIO,
                    AUDIO_DONE,
                    WORDS,
                    WORDS_DONE,
                    TEXT,
                    TEXT_DONE,
                    ARGUMENTS,
                    ARGUMENTS_DONE,
                    PART_ADDED,
                    PART_DONE -> ofResponse(event, out);
            case CONVERSATION_CREATED,
                    INPUT_CLEARED,
                    RATE_LIMITS,
                    TOOLS_LISTING,
                    TOOLS_LISTED,
                    TOOLS_UNLISTED,
                    REMOTE_ARGUMENTS,
                    REMOTE_ARGUMENTS_DONE,
                    REMOTE_CALL,
                    REMOTE_CALL_DONE,
                    REMOTE_CALL_FAILED -> {} // nothing that a call needs to know
        }
        return out;
    }

    /// A provider that says it will respond by itself goes around the guard.
    private void updated(ServerEvent event, List<RealtimeEvent> out) {
        JsonNode session = event.session();
        JsonNode detection = session.path("audio").path("input").path("turn_detection");
        if (detection.isMissingNode()) {
            detection = session.path("turn_detection");
        }
        boolean conversation = settings.purpose() == RealtimeSettings.Purpose.CONVERSATION;
        if (conversation && detection.path("create_response").booleanValue(false)) {
            throw new UnavailableException(
                    ModelError.RESPONSE_UNASKED, "the provider insists on responding without being asked to");
        }
        out.add(new RealtimeEvent.SessionUpdated());
    }

    private void error(ServerEvent event, List<RealtimeEvent> out) {
        meter.count(ModelMetrics.EVENTS_ERROR);
        String code = event.errorCode();
        boolean response = asks.remove(event.errorEventId());
        if (!response && event.errorEventId().isEmpty() && code.equals(ALREADY_RESPONDING)) {
            response = asks.pollLast() != null; // not every server says which event it refuses
        }
        out.add(new RealtimeEvent.Refused(code, response));
    }

    private static void key(ServerEvent event, List<RealtimeEvent> out) {
        String key = event.text("event");
        if (key.length() != 1 || "0123456789*#ABCD".indexOf(key.charAt(0)) < 0) {
            throw ServerEvent.broken("event must be a key");
        }
        out.add(new RealtimeEvent.KeyPressed(key.charAt(0)));
    }

    private static void changed(JsonNode item, Change change, List<RealtimeEvent> out) {
        out.add(new RealtimeEvent.ItemChanged(ServerEvent.id(item, "id"), change));
    }

    private void created(String id, List<RealtimeEvent> out) {
        if (active.containsKey(id) || unasked.contains(id)) {
            disordered();
            return;
        }
        if (asks.isEmpty()) {
            meter.count(ModelMetrics.RESPONSES_UNASKED);
            if (++unaskedCount > MAX_UNASKED) {
                throw new UnavailableException(
                        ModelError.RESPONSE_UNASKED, "the model kept responding without being asked to");
            }
            remember(id);
            cancel.accept(id);
            return;
        }
        if (active.size() == MAX_RESPONSES) {
            throw new UnavailableException(
                    ModelError.ANSWER_TOO_LARGE, "responses at once must be at most %d".formatted(MAX_RESPONSES));
        }
        asks.remove();
        boolean resampled = settings.format() == RealtimeSettings.Format.PCM_24K;
        active.put(id, new ResponseState(id, limits, resampled));
        out.add(new RealtimeEvent.ResponseStarted(id));
    }

    private void remember(String id) {
        if (unasked.size() == MOST_REMEMBERED) {
            unasked.remove(unasked.iterator().next());
        }
        unasked.add(id);
    }

    private void done(JsonNode response, List<RealtimeEvent> out) {
        String id = ServerEvent.id(response, "id");
        if (unasked.remove(id)) {
            return;
        }
        var state = active.remove(id);
        if (state == null) {
            disordered();
            return;
        }
        var status = status(WireJson.text(response, "status"));
        if (status == Status.COMPLETED) {
            for (JsonNode item : response.path("output")) {
                callEnded(state, item, out);
            }
        }
        state.end(out);
        out.add(new RealtimeEvent.ResponseEnded(id, status, usage(response.path("usage"))));
    }

    private static Status status(String name) {
        return switch (name) {
            case "completed" -> Status.COMPLETED;
            case "cancelled" -> Status.CANCELLED;
            case "incomplete" -> Status.INCOMPLETE;
            case "failed" -> Status.FAILED;
            default -> Status.OTHER;
        };
    }

    private static AnswerEvent.Usage usage(JsonNode usage) {
        return new AnswerEvent.Usage(
                Math.max(0, WireJson.number(usage, "input_tokens", 0)),
                Math.max(0, WireJson.number(usage, "output_tokens", 0)));
    }

    private void ofResponse(ServerEvent event, List<RealtimeEvent> out) {
        String id = event.responseId();
        var response = active.get(id);
        if (response == null) {
            if (!unasked.contains(id)) {
                disordered();
            }
            return;
        }
        response.seen();
        boolean inOrder = switch (event.type()) {
            case AUDIO -> response.audio(event.part(), event.text("delta"), out);
            case AUDIO_DONE -> response.endAudio(event.part(), out);
            case WORDS, TEXT -> response.words(event.part(), event.text("delta"), out);
            case WORDS_DONE -> response.endWords(event.part(), event.text("transcript"), out);
            case TEXT_DONE -> response.endWords(event.part(), event.text("text"), out);
            default -> {
                call(response, event, out);
                yield true;
            }
        };
        if (!inOrder) {
            disordered();
        }
    }

    private void call(ResponseState response, ServerEvent event, List<RealtimeEvent> out) {
        switch (event.type()) {
            case OUTPUT_ITEM_ADDED -> {
                JsonNode item = event.item();
                if (WireJson.text(item, "type").equals("function_call")) {
                    response.beginCall(ServerEvent.id(item, "id"), WireJson.text(item, "name"));
                }
            }
            case ARGUMENTS -> response.arguments(event.itemId(), event.text("delta"));
            case ARGUMENTS_DONE ->
                response.endCall(
                        event.itemId(), event.callId(), event.text("name"), event.text("arguments"), request, out);
            case OUTPUT_ITEM_DONE -> callEnded(response, event.item(), out);
            default -> {} // a part that begins or ends says nothing that its contents do not
        }
    }

    private void callEnded(ResponseState response, JsonNode item, List<RealtimeEvent> out) {
        if (WireJson.text(item, "type").equals("function_call")) {
            response.endCall(
                    ServerEvent.id(item, "id"),
                    ServerEvent.id(item, "call_id"),
                    WireJson.text(item, "name"),
                    WireJson.text(item, "arguments"),
                    request,
                    out);
        }
    }

    private void disordered() {
        meter.count(ModelMetrics.EVENTS_DISORDERED);
    }
}
