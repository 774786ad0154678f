package dev.sotto.simulator;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The events of a session about items of its conversation. Used on the session's thread only.
final class RealtimeItems {
    private static final Set<String> ROLES = Set.of("user", "assistant", "system");

    private final RealtimeWire wire;
    private final Conversation conversation;

    RealtimeItems(RealtimeWire wire, Conversation conversation) {
        this.wire = wire;
        this.conversation = conversation;
    }

    /// The item of an utterance.
    void spoken(String itemId, String heard) {
        ObjectNode item = Json.object()
                .put("id", itemId)
                .put("object", "realtime.item")
                .put("type", "message")
                .put("status", "completed")
                .put("role", "user");
        item.putArray("content").addObject().put("type", "input_audio").putNull("transcript");
        add(new Conversation.Item(itemId, item, heard), null);
    }

    void create(ObjectNode event, String eventId) {
        if (!(event.path("item") instanceof ObjectNode item)) {
            wire.error("missing_required_parameter", "item is missing", "item", eventId);
            return;
        }
        String wrong = wrong(item);
        if (!wrong.isEmpty()) {
            wire.error("invalid_value", "the item is not complete", "item." + wrong, eventId);
            return;
        }
        String id = Json.text(item, "id", "");
        String previous = event.path("previous_item_id").isString() ? Json.text(event, "previous_item_id", "") : null;
        if (!id.isEmpty() && conversation.has(id)) {
            wire.error("item_create_duplicate_item_id", "an item of that id exists", "item.id", eventId);
        } else if (previous != null && !previous.equals(Conversation.ROOT) && !conversation.has(previous)) {
            wire.error("item_create_invalid_previous_item_id", "no item of that id", "previous_item_id", eventId);
        } else if (conversation.full()) {
            wire.error("conversation_full", "the simulator keeps at most 1000 items", "", eventId);
        } else {
            String given = id.isEmpty() ? wire.id("item_") : id;
            ObjectNode kept = item.deepCopy()
                    .put("id", given)
                    .put("object", "realtime.item")
                    .put("status", "completed");
            add(new Conversation.Item(given, kept, Conversation.words(item)), previous);
        }
    }

    private static String wrong(JsonNode item) {
        return switch (Json.text(item, "type", "")) {
            case "message" ->
                !ROLES.contains(Json.text(item, "role", ""))
                        ? "role"
                        : item.path("content").isArray() ? "" : "content";
            case "function_call" -> item.path("name").isString() ? "" : "name";
            case "function_call_output" ->
                !item.path("call_id").isString()
                        ? "call_id"
                        : item.path("output").isString() ? "" : "output";
            default -> "type";
        };
    }

    private void add(Conversation.Item item, @Nullable String previous) {
        String before = previous == null ? conversation.last() : previous.equals(Conversation.ROOT) ? null : previous;
        conversation.add(item, previous);
        for (String type : new String[] {"conversation.item.added", "conversation.item.done"}) {
            ObjectNode fields = Json.object();
            fields.put("previous_item_id", before).set("item", item.json().deepCopy());
            wire.send(type, fields);
        }
    }

    void delete(ObjectNode event, String eventId) {
        String id = Json.text(event, "item_id", "");
        if (conversation.remove(id)) {
            wire.send("conversation.item.deleted", Json.object().put("item_id", id));
        } else {
            wire.error("item_delete_invalid_item_id", "no item of that id", "item_id", eventId);
        }
    }

    void retrieve(ObjectNode event, String eventId) {
        var found = conversation.find(Json.text(event, "item_id", ""));
        if (found.isPresent()) {
            wire.send(
                    "conversation.item.retrieved",
                    Json.object().set("item", found.get().json().deepCopy()));
        } else {
            wire.error("item_retrieve_invalid_item_id", "no item of that id", "item_id", eventId);
        }
    }

    void truncate(ObjectNode event, String eventId) {
        String id = Json.text(event, "item_id", "");
        JsonNode index = event.path("content_index");
        JsonNode end = event.path("audio_end_ms");
        var found = conversation.find(id);
        if (found.isEmpty()) {
            wire.error("item_truncate_invalid_item_id", "no item of that id", "item_id", eventId);
        } else if (!index.isIntegralNumber() || index.asInt(-1) != 0) {
            wire.error("invalid_value", "content_index must be 0", "content_index", eventId);
        } else if (!end.isIntegralNumber()
                || end.asInt(-1) < 0
                || end.asInt(-1) > found.get().milliseconds()) {
            wire.error("invalid_value", "the audio is not as long as that", "audio_end_ms", eventId);
        } else {
            Conversation.Item item = found.get();
            item.lasts(end.asInt());
            for (JsonNode part : item.json().path("content")) {
                ((ObjectNode) part).remove("transcript");
            }
            wire.send(
                    "conversation.item.truncated",
                    Json.object().put("item_id", id).put("content_index", 0).put("audio_end_ms", end.asInt()));
        }
    }

    /// The answer to a response outside the conversation: an aside that fits its instructions or its input, else what
    /// the scene says when it does not understand.
    Answer aside(SceneRun run, JsonNode overrides) {
        var asked = new StringBuilder(Json.text(overrides, "instructions", ""));
        for (JsonNode item : overrides.path("input")) {
            for (JsonNode part : item.path("content")) {
                asked.append(' ').append(Json.text(part, "text", ""));
            }
        }
        return run.aside(asked.toString());
    }
}
