package dev.sotto.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `POST /v1/chat/completions`: the scene's answer for the conversation that the request holds, whole or as server-sent
/// events. Thread-safe.
final class ChatEndpoint {
    static final String FINGERPRINT = "sotto-simulator-scripted";
    /// What a huge frame holds.
    static final int HUGE_BYTES = 10 << 20;
    /// Where even an endless answer ends, so that a forgotten client costs nothing for ever.
    static final int ENDLESS_PIECES = 10_000_000;

    private static final int TOKEN_MILLISECONDS = 20;
    private static final int CHARACTERS_A_TOKEN = 4;
    private static final int ARGUMENT_PIECE = 12;

    private final Studio studio;

    ChatEndpoint(Studio studio) {
        this.studio = studio;
    }

    /// @param pathKey the call that the address names, or empty
    void answer(Exchange exchange, String body, String pathKey, Ids ids) {
        var problem = new StringBuilder();
        var read = ChatRequest.read(body, problem);
        if (read.isEmpty()) {
            exchange.error(
                    HttpResponseStatus.BAD_REQUEST, "invalid_request_error", "invalid_value", problem.toString());
            return;
        }
        ChatRequest request = read.get();
        Scene scene = studio.scene(request.model());
        Answer answer = scene.aside(request.lastWords())
                .map(aside -> Answer.saying(aside.say().fill(SceneRun.NOTHING)))
                .orElseGet(() -> inScene(scene, request, pathKey.isEmpty() ? request.key() : pathKey));
        @Nullable Fault fault = answer.fault();
        if (fault != null && HttpFault.refuses(exchange, fault)) {
            return;
        }
        Reply reply = new Reply(exchange, ids.next("chatcmpl-"), request, answer);
        if (request.stream()) {
            reply.stream();
        } else {
            reply.whole();
        }
    }

    private Answer inScene(Scene scene, ChatRequest request, String key) {
        var run = new SceneRun(scene);
        request.replay(run);
        Answer answer = run.answer().bent(studio.faults().take(Service.CHAT), run.lastHeard());
        studio.hearings().follow(scene, key, run.hearing());
        return request.tools() ? answer : new Answer(answer.say(), List.of(), answer.fault());
    }

    /// One answer on its way out.
    private final class Reply {
        private final Exchange exchange;
        private final String id;
        private final ChatRequest request;
        private final Answer answer;
        private final long created = studio.clock().instant().getEpochSecond();

        Reply(Exchange exchange, String id, ChatRequest request, Answer answer) {
            this.exchange = exchange;
            this.id = id;
            this.request = request;
            this.answer = answer;
        }

        void whole() {
            ObjectNode body = head("chat.completion");
            ObjectNode choice = body.putArray("choices").addObject().put("index", 0);
            ObjectNode message = choice.putObject("message").put("role", "assistant");
            String say = answer.wrong(Fault.Kind.HUGE_FRAME) ? "x".repeat(HUGE_BYTES) : answer.say();
            if (say.isEmpty()) {
                message.putNull("content");
            } else {
                message.put("content", say);
            }
            message.putNull("refusal");
            if (!answer.calls().isEmpty()) {
                ArrayNode calls = message.putArray("tool_calls");
                answer.calls()
                        .forEach(call -> function(calls.addObject().put("id", call.id()), call, call.arguments()));
            }
            choice.putNull("logprobs").put("finish_reason", finish());
            body.set("usage", usage());
            String json = Json.write(body);
            HttpFault.whole(exchange, answer.fault(), "application/json", json.getBytes(UTF_8));
        }

        void stream() {
            exchange.begin("text/event-stream");
            List<String> events = events();
            Duration delay =
                    answer.fault() == null ? Duration.ZERO : answer.fault().delay();
            new Player(exchange.timers(), studio.pace(), cues(events), exchange::ready).start(delay);
        }

        private Iterator<Player.Cue> cues(List<String> events) {
            var kind = answer.fault() == null ? null : answer.fault().kind();
            int half = Math.max(1, events.size() / 3);
            if (kind == Fault.Kind.ENDLESS) {
                return IntStream.iterate(0, i -> i < ENDLESS_PIECES && !exchange.gone(), i -> i + 1)
                        .mapToObj(i -> cue(i, () -> exchange.event(Json.write(text(" and")))))
                        .iterator();
            }
            var cues = new ArrayList<Player.Cue>();
            int last = kind == Fault.Kind.STALL || kind == Fault.Kind.CLOSE ? half : events.size();
            for (int i = 0; i < last; i++) {
                String event = events.get(i);
                boolean broken = kind == Fault.Kind.BROKEN_JSON && i == half;
                cues.add(cue(i, () -> exchange.event(broken ? event.substring(0, event.length() / 2) : event)));
            }
            if (kind == Fault.Kind.CLOSE) {
                cues.add(cue(last, exchange::cut));
            } else if (kind != Fault.Kind.STALL) {
                cues.add(cue(last, () -> exchange.event("[DONE]")));
                cues.add(cue(last, exchange::end));
            }
            return cues.iterator();
        }

        private Player.Cue cue(int index, Runnable act) {
            return new Player.Cue((long) index * TOKEN_MILLISECONDS, act);
        }

        private List<String> events() {
            var events = new ArrayList<String>();
            ObjectNode first = chunk();
            delta(first).put("role", "assistant").put("content", "").putNull("refusal");
            events.add(Json.write(first));
            if (answer.wrong(Fault.Kind.HUGE_FRAME)) {
                events.add(Json.write(text("x".repeat(HUGE_BYTES))));
            }
            for (String word : answer.say().split("(?<=\\s)", -1)) {
                if (!word.isEmpty()) {
                    events.add(Json.write(text(word)));
                }
            }
            for (int i = 0; i < answer.calls().size(); i++) {
                call(events, answer.calls().get(i), i);
            }
            ObjectNode last = chunk();
            delta(last);
            ((ObjectNode) last.at("/choices/0")).put("finish_reason", finish());
            events.add(Json.write(last));
            if (request.usage()) {
                ObjectNode usage = head("chat.completion.chunk");
                usage.putArray("choices");
                usage.set("usage", usage());
                events.add(Json.write(usage));
            }
            return answer.wrong(Fault.Kind.OUT_OF_ORDER) ? events.reversed() : events;
        }

        private void call(List<String> events, Answer.Call call, int index) {
            ObjectNode opening = chunk();
            function(
                    delta(opening)
                            .putArray("tool_calls")
                            .addObject()
                            .put("index", index)
                            .put("id", call.id()),
                    call,
                    "");
            events.add(Json.write(opening));
            String arguments = call.arguments();
            for (int from = 0; from < arguments.length(); from += ARGUMENT_PIECE) {
                ObjectNode piece = chunk();
                delta(piece)
                        .putArray("tool_calls")
                        .addObject()
                        .put("index", index)
                        .putObject("function")
                        .put(
                                "arguments",
                                arguments.substring(from, Math.min(arguments.length(), from + ARGUMENT_PIECE)));
                events.add(Json.write(piece));
            }
        }

        private ObjectNode text(String piece) {
            ObjectNode chunk = chunk();
            delta(chunk).put("content", piece);
            return chunk;
        }

        private static ObjectNode delta(ObjectNode chunk) {
            return (ObjectNode) chunk.at("/choices/0/delta");
        }

        private static void function(ObjectNode into, Answer.Call call, String arguments) {
            into.put("type", "function")
                    .putObject("function")
                    .put("name", call.tool())
                    .put("arguments", arguments);
        }

        private ObjectNode chunk() {
            ObjectNode chunk = head("chat.completion.chunk");
            ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
            choice.putObject("delta");
            choice.putNull("logprobs").putNull("finish_reason");
            if (request.usage()) {
                chunk.putNull("usage");
            }
            return chunk;
        }

        private ObjectNode head(String object) {
            return Json.object()
                    .put("id", id)
                    .put("object", object)
                    .put("created", created)
                    .put("model", request.model())
                    .put("system_fingerprint", FINGERPRINT);
        }

        private String finish() {
            return answer.calls().isEmpty() ? "stop" : "tool_calls";
        }

        private ObjectNode usage() {
            int sent = 0;
            for (ChatRequest.Message message : request.messages()) {
                sent += tokens(
                        switch (message) {
                            case ChatRequest.Message.Instructions(String text) -> text;
                            case ChatRequest.Message.User(String text) -> text;
                            case ChatRequest.Message.Tool tool -> tool.content();
                            case ChatRequest.Message.Assistant _ -> "";
                        });
            }
            int said = tokens(answer.say());
            return Json.object()
                    .put("prompt_tokens", sent)
                    .put("completion_tokens", said)
                    .put("total_tokens", sent + said);
        }
    }

    /// A rule of thumb: four characters.
    static int tokens(String text) {
        return Math.ceilDiv(text.length(), CHARACTERS_A_TOKEN);
    }
}
