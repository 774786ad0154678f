package dev.sotto.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RealtimeItemsTest {
    private static final String RESPOND = "{\"type\":\"response.create\"}";

    @Test
    void wrongEvents_areAnsweredWithErrorsAndChangeNothing() {
        var rig = SessionRig.gated();
        record Wrong(String event, String code) {}
        for (Wrong wrong : List.of(
                new Wrong("{", "invalid_json"),
                new Wrong("[]", "invalid_json"),
                new Wrong("{\"a\":1} x", "invalid_json"),
                new Wrong("{\"event_id\":\"e\"}", "invalid_event"),
                new Wrong("{\"type\":\"nonsense\"}", "invalid_value"),
                new Wrong("{\"type\":\"session.update\"}", "missing_required_parameter"),
                new Wrong("{\"type\":\"session.update\",\"session\":{}}", "missing_required_parameter"),
                new Wrong(
                        "{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"modalities\":[]}}",
                        "unknown_parameter"),
                new Wrong(
                        "{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"audio\":{\"input\":{\"format\":{\"type\":\"audio/opus\"}}}}}",
                        "invalid_value"),
                new Wrong(
                        "{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"threshold\":2}}}}}",
                        "invalid_value"),
                new Wrong("{\"type\":\"input_audio_buffer.append\"}", "invalid_value"),
                new Wrong("{\"type\":\"input_audio_buffer.append\",\"audio\":\"%%\"}", "invalid_value"),
                new Wrong("{\"type\":\"conversation.item.create\"}", "missing_required_parameter"),
                new Wrong("{\"type\":\"conversation.item.create\",\"item\":{\"type\":\"song\"}}", "invalid_value"),
                new Wrong(
                        "{\"type\":\"conversation.item.create\",\"previous_item_id\":\"no\",\"item\":{\"type\":\"function_call\",\"name\":\"x\"}}",
                        "item_create_invalid_previous_item_id"),
                new Wrong("{\"type\":\"conversation.item.delete\",\"item_id\":\"no\"}", "item_delete_invalid_item_id"),
                new Wrong(
                        "{\"type\":\"conversation.item.retrieve\",\"item_id\":\"no\"}",
                        "item_retrieve_invalid_item_id"),
                new Wrong(
                        "{\"type\":\"conversation.item.truncate\",\"item_id\":\"no\"}",
                        "item_truncate_invalid_item_id"))) {
            rig.say(wrong.event());
            assertThat(rig.last("error").at("/error/code").asString())
                    .as(wrong.event())
                    .isEqualTo(wrong.code());
        }
        rig.say(RESPOND);
        assertThat(rig.last("response.done").at("/response/status").asString()).isEqualTo("completed");
    }

    @Test
    void items_keepTheirOrder_andAreBounded() {
        var rig = SessionRig.gated();
        rig.say(message("a", null));
        rig.say(message("c", null));
        rig.say(message("b", "a"));
        rig.say(message("first", "root"));
        assertThat(rig.last("conversation.item.added").path("previous_item_id").isNull())
                .isTrue();
        rig.say(message("b", "a"));
        assertThat(rig.last("error").at("/error/code").asString()).isEqualTo("item_create_duplicate_item_id");
        rig.say("{\"type\":\"conversation.item.retrieve\",\"item_id\":\"b\"}");
        assertThat(rig.last("conversation.item.retrieved")
                        .at("/item/content/0/text")
                        .asString())
                .isEqualTo("b");
        for (int i = 0; i < Conversation.MOST_ITEMS; i++) {
            rig.session.receive(message("n" + i, null));
        }
        assertThat(rig.last("error").at("/error/code").asString()).isEqualTo("conversation_full");
    }

    static String message(String id, String previous) {
        return """
                {"type":"conversation.item.create",%s"item":{"id":"%s","type":"message","role":"user","content":[{"type":"input_text","text":"%s"}]}}
                """.formatted(previous == null ? "" : "\"previous_item_id\":\"" + previous + "\",", id, id);
    }
}
