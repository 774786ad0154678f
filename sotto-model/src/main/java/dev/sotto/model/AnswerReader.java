package dev.sotto.model;

import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import dev.sotto.model.AnswerEvent.Reason;
import dev.sotto.model.AnswerEvent.Usage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Makes events of the chunks of a chat completion. Tools come in pieces, told apart by their index, and some servers
/// give the same index to each. Not thread-safe.
final class AnswerReader {
    static final int MAX_CALLS = 16;
    static final int MAX_ARGUMENT_CHARACTERS = 32 << 10;
    static final String DONE = "[DONE]";

    private final ChatRequest request;
    private final Map<Long, Call> open = new HashMap<>();
    private final List<Call> calls = new ArrayList<>();
    private @Nullable Reason reason;
    private Usage usage = Usage.NONE;
    private boolean done;

    private static final class Call {
        String id = "";
        final StringBuilder name = new StringBuilder();
        final StringBuilder arguments = new StringBuilder();
    }

    AnswerReader(ChatRequest request) {
        this.request = request;
    }

    /// Takes the data of one event; the text it brought, if any.
    ///
    /// @throws UnavailableException if it is not a chunk, reports an error or is over a limit
    Optional<SensitiveText> read(String data) {
        if (done) {
            return Optional.empty();
        }
        if (data.strip().equals(DONE)) {
            done = true;
            return Optional.empty();
        }
        JsonNode chunk = parsed(data);
        if (chunk.hasNonNull("error")) {
            throw new UnavailableException(ModelError.PROVIDER_FAILED, "the provider reports an error in mid-answer");
        }
        usage(chunk.path("usage"));
        JsonNode choice = chunk.path("choices").path(0);
        JsonNode delta = choice.path("delta");
        for (JsonNode call : delta.path("tool_calls")) {
            call(call);
        }
        reason(WireJson.text(choice, "finish_reason"));
        String text = WireJson.text(delta, "content") + WireJson.text(delta, "refusal");
        return text.isEmpty() ? Optional.empty() : Optional.of(SensitiveText.of(text));
    }

    private static JsonNode parsed(String data) {
        try {
            JsonNode chunk = WireJson.MAPPER.readTree(data);
            if (chunk.isObject()) {
                return chunk;
            }
        } catch (JacksonException notJson) {
            // Its message may hold what was said, so it is not passed on.
        }
        throw new UnavailableException(ModelError.ANSWER_BROKEN, "an event of an answer must be a JSON object");
    }

    private void usage(JsonNode counted) {
        if (counted.isObject()) {
            usage = new Usage(
                    Math.max(0, WireJson.number(counted, "prompt_tokens", 0)),
                    Math.max(0, WireJson.number(counted, "completion_tokens", 0)));
        }
    }

    private void reason(String name) {
        switch (name) {
            case "" -> {}
            case "stop" -> reason = Reason.STOP;
            case "length" -> reason = Reason.LENGTH;
            case "tool_calls", "function_call" -> reason = Reason.TOOLS;
            case "content_filter" -> reason = Reason.FILTERED;
            default -> reason = Reason.OTHER;
        }
    }

    private void call(JsonNode piece) {
        long index = WireJson.number(piece, "index", 0);
        String id = WireJson.text(piece, "id");
        var call = open.get(index);
        if (call == null || (!id.isEmpty() && !call.id.isEmpty() && !id.equals(call.id))) {
            if (calls.size() == MAX_CALLS) {
                throw tooLarge("tool calls of an answer must be at most %d".formatted(MAX_CALLS));
            }
            call = new Call();
            open.put(index, call);
            calls.add(call);
        }
        if (!id.isEmpty()) {
            call.id = id;
        }
        JsonNode function = piece.path("function");
        call.name.append(WireJson.text(function, "name"));
        JsonNode arguments = function.path("arguments");
        call.arguments.append(arguments.isObject() ? arguments.toString() : WireJson.text(function, "arguments"));
        if (call.name.length() + call.arguments.length() > MAX_ARGUMENT_CHARACTERS) {
            throw tooLarge(
                    "the arguments of a tool call must be at most %d characters".formatted(MAX_ARGUMENT_CHARACTERS));
        }
    }

    private static UnavailableException tooLarge(String rule) {
        return new UnavailableException(ModelError.ANSWER_TOO_LARGE, rule);
    }

    /// Whether the server said that nothing more comes.
    boolean done() {
        return done;
    }

    /// The tools asked for and how the answer ended.
    ///
    /// @throws UnavailableException if it did not end
    List<AnswerEvent> ending() {
        if (reason == null) {
            throw new UnavailableException(ModelError.ANSWER_CUT, "the answer ended before it was whole");
        }
        var ending = new ArrayList<AnswerEvent>();
        boolean asks = !calls.isEmpty() && reason != Reason.LENGTH && reason != Reason.FILTERED;
        if (asks) { // a call that was cut is not a call
            ending.add(new AnswerEvent.ToolCalls(toolCalls()));
        }
        boolean onlyAsked = asks && reason == Reason.STOP; // as some local servers end a call
        ending.add(new AnswerEvent.Finished(onlyAsked ? Reason.TOOLS : reason, usage));
        return ending;
    }

    private List<ToolCall> toolCalls() {
        var ready = new ArrayList<ToolCall>();
        var ids = new HashSet<String>();
        for (var call : calls) {
            String id = ToolCall.isId(call.id) && ids.add(call.id) ? call.id : "sotto_" + ready.size();
            ready.add(new ToolCall(
                    id, request.declared(call.name.toString()), SensitiveText.of(call.arguments.toString())));
        }
        return ready;
    }
}
