package dev.sotto.server.detect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.guard.Conversation;
import dev.sotto.guard.Deadline;
import dev.sotto.guard.Detection;
import dev.sotto.guard.Finding;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Turns in, findings or redacted turns out, line by line and in order. Lines that name a call are read as turns of one
/// conversation; of these at most [#MAX_CALLS] are remembered, the least recently used is forgotten. Not thread-safe.
public final class TurnStream {
    static final int MAX_CALLS = 1_024;

    private static final Duration TIME_A_LINE = Duration.ofSeconds(10);
    private static final int MAX_CALL_NAME = 256;
    private static final double HUNDRED = 100;
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final LineReader lines;
    private final OutputStream out;
    private final Detection detection = Detection.standard();
    private final Map<String, Conversation> calls = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Conversation> eldest) {
            return size() > MAX_CALLS;
        }
    };

    /// Neither stream is closed.
    public TurnStream(InputStream in, OutputStream out) {
        this.lines = new LineReader(in);
        this.out = new BufferedOutputStream(out, 64 * 1024);
    }

    private record Turn(JsonNode id, SensitiveText text, Conversation conversation) {}

    /// Writes `{"id","spans":[{"start","end","type","score"}]}` for each line `{"id","text"}`. Offsets count Unicode
    /// code points, start inclusive, end exclusive.
    ///
    /// @throws RejectedException at the first line that is none, by its number; what stands before it was written
    public void detect() throws IOException {
        each((turn, findings) -> {
            ObjectNode line = MAPPER.createObjectNode();
            line.set("id", turn.id());
            var spans = line.putArray("spans");
            String text = turn.text().reveal();
            int at = 0;
            int points = 0;
            for (Finding finding : findings) {
                int start = points + text.codePointCount(at, finding.span().start());
                int end = start
                        + text.codePointCount(
                                finding.span().start(), finding.span().end());
                spans.addObject()
                        .put("start", start)
                        .put("end", end)
                        .put("type", finding.type().name())
                        .put("score", Math.round(finding.score() * HUNDRED) / HUNDRED);
                at = finding.span().end();
                points = end;
            }
            return line;
        });
    }

    /// Writes `{"id","text"}` with the types in the place of what was found, for each line `{"id","text"}`. Other
    /// members
    /// are left out: nobody looked at them.
    ///
    /// @throws RejectedException at the first line that is none, by its number; what stands before it was written
    public void redactTurns() throws IOException {
        each((turn, findings) -> {
            ObjectNode line = MAPPER.createObjectNode();
            line.set("id", turn.id());
            return line.put("text", Conversation.labelled(turn.text(), findings).reveal());
        });
    }

    /// Writes each line of plain text with the types in the place of what was found. All lines are one conversation.
    ///
    /// @throws RejectedException at the first line that is too long or not UTF-8, by its number
    public void redactText() throws IOException {
        var conversation = new Conversation(detection);
        try {
            for (Optional<SensitiveText> line = lines.next(); line.isPresent(); line = lines.next()) {
                List<Finding> findings = conversation.next(checked(line.get()), deadline());
                out.write(Conversation.labelled(line.get(), findings).reveal().getBytes(UTF_8));
                if (lines.ended()) {
                    out.write('\n');
                }
            }
        } finally {
            out.flush();
        }
    }

    private interface Answer {
        ObjectNode of(Turn turn, List<Finding> findings);
    }

    private void each(Answer answer) throws IOException {
        try {
            for (Optional<SensitiveText> line = lines.next(); line.isPresent(); line = lines.next()) {
                if (line.get().reveal().isBlank()) {
                    continue;
                }
                Turn turn = turn(line.get());
                List<Finding> findings = turn.conversation().next(turn.text(), deadline());
                out.write(MAPPER.writeValueAsBytes(answer.of(turn, findings)));
                out.write('\n');
            }
        } finally {
            out.flush();
        }
    }

    private Turn turn(SensitiveText line) {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(line.reveal());
        } catch (JacksonException foreign) {
            throw lines.wrong("must be one JSON object"); // the foreign message quotes its input
        }
        JsonNode id = tree.path("id");
        JsonNode text = tree.path("text");
        if (!tree.isObject() || !(id.isString() || id.isIntegralNumber()) || !text.isString()) {
            throw lines.wrong("must be an object with an id and a string text");
        }
        return new Turn(id, checked(SensitiveText.of(text.stringValue())), conversation(tree.path("call")));
    }

    private SensitiveText checked(SensitiveText text) {
        if (text.length() > Detection.MAX_CHARACTERS) {
            throw lines.wrong("must have a text of at most %d characters".formatted(Detection.MAX_CHARACTERS));
        }
        return text;
    }

    private Conversation conversation(JsonNode call) {
        if (call.isMissingNode() || call.isNull()) {
            return new Conversation(detection);
        }
        if (!(call.isString() || call.isIntegralNumber()) || call.asString().length() > MAX_CALL_NAME) {
            throw lines.wrong("must have a call of at most %d characters".formatted(MAX_CALL_NAME));
        }
        return calls.computeIfAbsent(call.asString(), _ -> new Conversation(detection));
    }

    private static Deadline deadline() {
        return Deadline.in(TIME_A_LINE, System::nanoTime);
    }
}
