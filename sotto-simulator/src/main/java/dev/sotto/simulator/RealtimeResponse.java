package dev.sotto.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// One response of a Realtime session: its events in their documented order and at their pace, and what a cancellation
/// leaves of them. Used on the session's thread only.
final class RealtimeResponse {
    private static final int ARGUMENT_PIECE = 24;
    private static final int FUNCTION_MILLISECONDS = 10;
    /// How far the transcript runs ahead of the sound.
    private static final int TRANSCRIPT_LEAD_MILLISECONDS = Speech.PIECE_MILLISECONDS;

    /// What a response is made of.
    ///
    /// @param inConversation whether its items become part of the conversation
    record Order(
            String id,
            String conversationId,
            Answer answer,
            Speech speech,
            boolean audible,
            boolean inConversation,
            JsonNode metadata) {}

    /// An item on its way.
    private final class Part {
        private final int index;
        private final Conversation.Item item;
        private final StringBuilder text = new StringBuilder();
        private @Nullable String previous;
        private int heardMilliseconds;
        private boolean opened;
        private boolean done;

        Part(int index, Conversation.Item item) {
            this.index = index;
            this.item = item;
        }

        ObjectNode at() {
            return Json.object()
                    .put("response_id", order.id())
                    .put("item_id", item.id())
                    .put("output_index", index);
        }

        ObjectNode content() {
            return at().put("content_index", 0);
        }
    }

    /// What a fault does to this response.
    private final class Bending implements ResponseFaults.Bent {
        @Override
        public RealtimeWire wire() {
            return wire;
        }

        @Override
        public String firstItem() {
            return parts.isEmpty() ? "" : parts.getFirst().item.id();
        }

        @Override
        public void created() {
            RealtimeResponse.this.created();
        }

        @Override
        public boolean more(String text, String base64) {
            if (over || parts.isEmpty()) {
                return false;
            }
            word(parts.getFirst(), text);
            sound(parts.getFirst(), base64);
            return true;
        }
    }

    private final Order order;
    private final RealtimeWire wire;
    private final Conversation conversation;
    private final SessionSettings settings;
    private final Consumer<RealtimeResponse> finished;
    private final Player player;
    private final List<Part> parts = new ArrayList<>();
    private boolean over;

    /// @param finished told once, when the response is done, failed or cancelled
    RealtimeResponse(
            Order order,
            RealtimeWire wire,
            Conversation conversation,
            SessionSettings settings,
            Timers timers,
            Pace pace,
            Consumer<RealtimeResponse> finished) {
        this.order = order;
        this.wire = wire;
        this.conversation = conversation;
        this.settings = settings;
        this.finished = finished;
        this.player = new Player(timers, pace, cues(), wire::ready);
    }

    String id() {
        return order.id();
    }

    boolean inConversation() {
        return order.inConversation();
    }

    void start() {
        Fault fault = order.answer().fault();
        if (fault == null || fault.kind() != Fault.Kind.OUT_OF_ORDER) {
            created();
        }
        if (fault != null && (fault.kind() == Fault.Kind.RATE_LIMITED || fault.kind() == Fault.Kind.SERVER_ERROR)) {
            fail(fault.kind() == Fault.Kind.RATE_LIMITED ? "rate_limit_exceeded" : "server_error");
            return;
        }
        player.start(fault == null ? Duration.ZERO : fault.delay());
    }

    /// Stops it, with the closing events of what was open.
    ///
    /// @param reason `client_cancelled` or `turn_detected`
    void cancel(String reason) {
        player.cancel();
        parts.stream()
                .filter(part -> part.opened && !part.done)
                .findFirst()
                .ifPresent(open -> close(open, "incomplete"));
        ObjectNode details = Json.object().put("type", "cancelled").put("reason", reason);
        finish("cancelled", details);
    }

    /// Whether something is still to be sent.
    boolean running() {
        return player.running();
    }

    /// Nothing more is sent.
    void drop() {
        player.cancel();
        over = true;
    }

    private void created() {
        wire.send("response.created", Json.object().set("response", json("in_progress", null)));
    }

    private void fail(String code) {
        player.cancel();
        ObjectNode details = Json.object().put("type", "failed");
        details.putObject("error")
                .put("type", code.equals("server_error") ? code : "invalid_request_error")
                .put("code", code)
                .put("message", "scripted: " + code);
        finish("failed", details);
    }

    private void finish(String status, @Nullable ObjectNode details) {
        if (over) {
            return;
        }
        over = true;
        wire.send("response.done", Json.object().set("response", json(status, details)));
        wire.send("rate_limits.updated", RealtimeUsage.limits());
        finished.accept(this);
    }

    private Iterator<Player.Cue> cues() {
        Answer answer = order.answer();
        var cues = new ArrayList<Player.Cue>();
        long at = 0;
        if (!answer.say().isEmpty()) {
            at = order.audible() ? spoken(cues) : written(cues);
        }
        for (Answer.Call call : answer.calls()) {
            at += FUNCTION_MILLISECONDS;
            function(cues, call, at);
        }
        cues.add(new Player.Cue(at, () -> finish("completed", null)));
        return ResponseFaults.bend(cues, order.answer().fault(), order.id(), new Bending());
    }

    private Part part(ObjectNode item) {
        var part = new Part(parts.size(), new Conversation.Item(Json.text(item, "id", ""), item, null));
        parts.add(part);
        return part;
    }

    private ObjectNode message() {
        return Json.object()
                .put("id", wire.id("item_"))
                .put("object", "realtime.item")
                .put("type", "message")
                .put("status", "in_progress")
                .put("role", "assistant");
    }

    private long spoken(List<Player.Cue> cues) {
        Part part = part(message());
        part.item.json().putArray("content");
        List<String> pieces = order.speech().pieces(settings.output());
        List<Speech.Word> words = order.speech().words();
        cues.add(new Player.Cue(0, () -> open(part, "audio")));
        int word = 0;
        for (int i = 0; i < pieces.size(); i++) {
            long at = (long) i * Speech.PIECE_MILLISECONDS;
            for (;
                    word < words.size()
                            && words.get(word).atMilliseconds()
                                    < at + Speech.PIECE_MILLISECONDS + TRANSCRIPT_LEAD_MILLISECONDS;
                    word++) {
                String text = words.get(word).text();
                cues.add(new Player.Cue(at, () -> word(part, text)));
            }
            String piece = pieces.get(i);
            cues.add(new Player.Cue(at, () -> sound(part, piece)));
        }
        for (; word < words.size(); word++) {
            String text = words.get(word).text();
            cues.add(new Player.Cue(order.speech().milliseconds(), () -> word(part, text)));
        }
        long end = order.speech().milliseconds();
        cues.add(new Player.Cue(end, () -> close(part, "completed")));
        return end;
    }

    private long written(List<Player.Cue> cues) {
        Part part = part(message());
        part.item.json().putArray("content");
        cues.add(new Player.Cue(0, () -> open(part, "text")));
        long at = 0;
        for (String piece : order.answer().say().split("(?<=\\s)", -1)) {
            at += FUNCTION_MILLISECONDS;
            cues.add(new Player.Cue(at, () -> {
                part.text.append(piece);
                wire.send("response.output_text.delta", part.content().put("delta", piece));
            }));
        }
        cues.add(new Player.Cue(at, () -> close(part, "completed")));
        return at;
    }

    private void function(List<Player.Cue> cues, Answer.Call call, long at) {
        Part part = part(Json.object()
                .put("id", wire.id("item_"))
                .put("object", "realtime.item")
                .put("type", "function_call")
                .put("status", "in_progress")
                .put("name", call.tool())
                .put("call_id", call.id())
                .put("arguments", ""));
        cues.add(new Player.Cue(at, () -> open(part, "")));
        String arguments = call.arguments();
        for (int from = 0; from < arguments.length(); from += ARGUMENT_PIECE) {
            String piece = arguments.substring(from, Math.min(arguments.length(), from + ARGUMENT_PIECE));
            cues.add(new Player.Cue(at, () -> {
                part.text.append(piece);
                wire.send(
                        "response.function_call_arguments.delta",
                        part.at().put("call_id", call.id()).put("delta", piece));
            }));
        }
        cues.add(new Player.Cue(at, () -> close(part, "completed")));
    }

    private void open(Part part, String kind) {
        wire.send(
                "response.output_item.added",
                Json.object()
                        .put("response_id", order.id())
                        .put("output_index", part.index)
                        .set("item", part.item.json().deepCopy()));
        part.opened = true;
        if (order.inConversation()) {
            part.previous = conversation.last();
            item("conversation.item.added", part);
            Conversation.said(part.item);
            if (!conversation.full()) {
                conversation.add(part.item, null);
            }
        }
        if (!kind.isEmpty()) {
            ObjectNode fields = part.content();
            fields.putObject("part").put("type", kind).put(kind.equals("audio") ? "transcript" : "text", "");
            wire.send("response.content_part.added", fields);
        }
    }

    private void item(String type, Part part) {
        ObjectNode fields = Json.object();
        fields.put("previous_item_id", part.previous)
                .set("item", part.item.json().deepCopy());
        wire.send(type, fields);
    }

    private void word(Part part, String text) {
        part.text.append(text);
        wire.send("response.output_audio_transcript.delta", part.content().put("delta", text));
    }

    private void sound(Part part, String base64) {
        part.heardMilliseconds += base64.length() / 4 * 3 / settings.output().bytesPerMillisecond();
        part.item.lasts(part.heardMilliseconds);
        wire.audio(order.id(), part.item.id(), part.index, base64);
    }

    /// The closing events of an item, whole or not.
    private void close(Part part, String status) {
        part.done = true;
        ObjectNode item = part.item.json().put("status", status);
        String text = part.text.toString();
        if (Json.text(item, "type", "").equals("function_call")) {
            item.put("arguments", text);
            wire.send(
                    "response.function_call_arguments.done",
                    part.at()
                            .put("call_id", Json.text(item, "call_id", ""))
                            .put("name", Json.text(item, "name", ""))
                            .put("arguments", text));
        } else if (order.audible()) {
            wire.send("response.output_audio.done", part.content());
            wire.send("response.output_audio_transcript.done", part.content().put("transcript", text));
            partDone(part, "audio", "transcript", text);
            item.putArray("content").addObject().put("type", "output_audio").put("transcript", text);
        } else {
            wire.send("response.output_text.done", part.content().put("text", text));
            partDone(part, "text", "text", text);
            item.putArray("content").addObject().put("type", "output_text").put("text", text);
        }
        if (order.inConversation()) {
            item("conversation.item.done", part);
        }
        wire.send(
                "response.output_item.done",
                Json.object()
                        .put("response_id", order.id())
                        .put("output_index", part.index)
                        .set("item", item.deepCopy()));
    }

    private void partDone(Part part, String kind, String field, String text) {
        ObjectNode fields = part.content();
        fields.putObject("part").put("type", kind).put(field, text);
        wire.send("response.content_part.done", fields);
    }

    private ObjectNode json(String status, @Nullable ObjectNode details) {
        ObjectNode node = Json.object()
                .put("object", "realtime.response")
                .put("id", order.id())
                .put("status", status);
        node.set("status_details", details);
        var output = node.putArray("output");
        parts.stream()
                .filter(part -> part.done)
                .forEach(part -> output.add(part.item.json().deepCopy()));
        node.put("conversation_id", order.inConversation() ? order.conversationId() : null);
        switch (wire.dialect()) {
            case GENERAL -> {
                node.putArray("output_modalities").add(order.audible() ? "audio" : "text");
                node.set("max_output_tokens", settings.mostTokens());
                ObjectNode out = node.putObject("audio").putObject("output").put("voice", settings.voice());
                out.set("format", SessionSettings.format(settings.output()));
            }
            case BETA -> {
                node.putArray("modalities").add("text").add("audio");
                node.put("voice", settings.voice())
                        .put("output_audio_format", settings.output().betaName())
                        .put("temperature", 0.8)
                        .set("max_output_tokens", settings.mostTokens());
            }
        }
        node.set("usage", status.equals("in_progress") ? null : usage());
        node.set("metadata", order.metadata());
        return node;
    }

    private ObjectNode usage() {
        int text = parts.stream()
                .mapToInt(part -> ChatEndpoint.tokens(part.text.toString()))
                .sum();
        int sound = parts.stream().mapToInt(part -> part.heardMilliseconds).sum();
        return RealtimeUsage.of(text, sound);
    }
}
