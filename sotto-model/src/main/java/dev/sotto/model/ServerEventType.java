package dev.sotto.model;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The events that a realtime server may send, by their names of general availability, with the fields without which
/// they mean nothing. A name of the beta dialect is read as the one that followed it.
enum ServerEventType {
    SESSION_CREATED("session.created", "transcription_session.created"),
    SESSION_UPDATED("session.updated", "transcription_session.updated"),
    ERROR("error", List.of(), "error"),
    CONVERSATION_CREATED("conversation.created"),
    ITEM_ADDED("conversation.item.added", List.of("conversation.item.created"), "item"),
    ITEM_DONE("conversation.item.done", List.of(), "item"),
    ITEM_RETRIEVED("conversation.item.retrieved", List.of(), "item"),
    ITEM_DELETED("conversation.item.deleted", List.of(), "item_id"),
    ITEM_TRUNCATED("conversation.item.truncated", List.of(), "item_id"),
    HEARD("conversation.item.input_audio_transcription.completed", List.of(), "item_id", "transcript"),
    HEARD_PARTLY("conversation.item.input_audio_transcription.delta", List.of(), "item_id"),
    HEARD_SEGMENT("conversation.item.input_audio_transcription.segment", List.of(), "item_id"),
    HEARING_FAILED("conversation.item.input_audio_transcription.failed", List.of(), "item_id"),
    SPEECH_STARTED("input_audio_buffer.speech_started", List.of(), "item_id", "audio_start_ms"),
    SPEECH_STOPPED("input_audio_buffer.speech_stopped", List.of(), "item_id", "audio_end_ms"),
    COMMITTED("input_audio_buffer.committed", List.of(), "item_id"),
    INPUT_CLEARED("input_audio_buffer.cleared"),
    INPUT_TIMEOUT("input_audio_buffer.timeout_triggered", List.of(), "audio_start_ms", "audio_end_ms"),
    KEY("input_audio_buffer.dtmf_event_received", List.of(), "event"),
    OUTPUT_STARTED("output_audio_buffer.started", List.of(), "response_id"),
    OUTPUT_STOPPED("output_audio_buffer.stopped", List.of(), "response_id"),
    OUTPUT_CLEARED("output_audio_buffer.cleared", List.of(), "response_id"),
    RESPONSE_CREATED("response.created", List.of(), "response"),
    RESPONSE_DONE("response.done", List.of(), "response"),
    OUTPUT_ITEM_ADDED("response.output_item.added", List.of(), "response_id", "item"),
    OUTPUT_ITEM_DONE("response.output_item.done", List.of(), "response_id", "item"),
    PART_ADDED("response.content_part.added", List.of(), "response_id", "item_id"),
    PART_DONE("response.content_part.done", List.of(), "response_id", "item_id"),
    AUDIO("response.output_audio.delta", List.of("response.audio.delta"), "response_id", "item_id", "delta"),
    AUDIO_DONE("response.output_audio.done", List.of("response.audio.done"), "response_id", "item_id"),
    WORDS(
            "response.output_audio_transcript.delta",
            List.of("response.audio_transcript.delta"),
            "response_id",
            "item_id",
            "delta"),
    WORDS_DONE(
            "response.output_audio_transcript.done",
            List.of("response.audio_transcript.done"),
            "response_id",
            "item_id",
            "transcript"),
    TEXT("response.output_text.delta", List.of("response.text.delta"), "response_id", "item_id", "delta"),
    TEXT_DONE("response.output_text.done", List.of("response.text.done"), "response_id", "item_id", "text"),
    ARGUMENTS("response.function_call_arguments.delta", List.of(), "response_id", "item_id", "delta"),
    ARGUMENTS_DONE(
            "response.function_call_arguments.done", List.of(), "response_id", "item_id", "call_id", "arguments"),
    RATE_LIMITS("rate_limits.updated"),
    TOOLS_LISTING("mcp_list_tools.in_progress"),
    TOOLS_LISTED("mcp_list_tools.completed"),
    TOOLS_UNLISTED("mcp_list_tools.failed"),
    REMOTE_ARGUMENTS("response.mcp_call_arguments.delta"),
    REMOTE_ARGUMENTS_DONE("response.mcp_call_arguments.done"),
    REMOTE_CALL("response.mcp_call.in_progress"),
    REMOTE_CALL_DONE("response.mcp_call.completed"),
    REMOTE_CALL_FAILED("response.mcp_call.failed");

    private static final Map<String, ServerEventType> BY_NAME = byName();
    private static final Map<ServerEventType, List<String>> NEEDED = needs();

    private final String names;
    private final String needed;

    ServerEventType(String name, String... older) {
        this(name, List.of(older));
    }

    ServerEventType(String name, List<String> older, String... needed) {
        this.names = older.isEmpty() ? name : name + " " + String.join(" ", older);
        this.needed = String.join(" ", needed);
    }

    private static Map<String, ServerEventType> byName() {
        var byName = new HashMap<String, ServerEventType>();
        for (var type : values()) {
            for (String name : type.names.split(" ", -1)) {
                byName.put(name, type);
            }
        }
        return Map.copyOf(byName);
    }

    private static Map<ServerEventType, List<String>> needs() {
        var needs = new EnumMap<ServerEventType, List<String>>(ServerEventType.class);
        for (var type : values()) {
            needs.put(type, type.needed.isEmpty() ? List.of() : List.of(type.needed.split(" ", -1)));
        }
        return needs;
    }

    /// The type of that name, in either dialect; null if it is not known.
    static @Nullable ServerEventType named(String name) {
        return BY_NAME.get(name.strip());
    }

    /// The fields without which it means nothing.
    List<String> needed() {
        return NEEDED.getOrDefault(this, List.of());
    }
}
