package dev.sotto.simulator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/// One conversation's way through a scene. It is moved by what arrives: the caller's words in the form in which they
/// were
/// sent here, and the tools' answers. Deterministic: the same arrivals give the same answers. Not thread-safe.
final class SceneRun {
    private static final Pattern CALL_ID = Pattern.compile("call_([0-9]{1,3})_([0-9]{1,2})_[0-9]{1,6}");
    private static final int MAX_MEMORY = 64;
    private static final int MAX_DEPTH = 64;
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .build();

    /// Fills a template that stands outside a conversation.
    static final Template.Source NOTHING = new Template.Source() {
        @Override
        public String heard() {
            return "";
        }

        @Override
        public String value(String name) {
            return Template.UNKNOWN;
        }

        @Override
        public List<JsonNode> results() {
            return List.of();
        }
    };

    private final Scene scene;
    private final Deque<String> memory = new ArrayDeque<>();
    private final TreeMap<Integer, JsonNode> fresh = new TreeMap<>();
    private List<JsonNode> results = List.of();
    private String heard = "";
    private int place;
    private int hearing;
    private boolean lost;
    private int answers;

    SceneRun(Scene scene) {
        this.scene = scene;
    }

    /// What the recogniser makes of the next utterance.
    Scene.Heard utterance() {
        int next = scene.nextHeard(hearing);
        if (next < 0) {
            return scene.afterwards();
        }
        hearing = next;
        Scene.Heard spoken = scene.steps().get(next).heard();
        return spoken == null ? Scene.Heard.NOTHING : spoken;
    }

    /// Whether the step that was heard last never gets its final transcript.
    boolean neverFinal() {
        Fault fault = scene.steps().get(hearing).fault();
        return fault != null && fault.kind() == Fault.Kind.NEVER_FINAL;
    }

    /// The caller's words arrive, guarded or not.
    void heard(String text) {
        heard = text;
        memory.addLast(text);
        if (memory.size() > MAX_MEMORY) {
            memory.removeFirst();
        }
        settle();
        int next = scene.nextHeard(place);
        if (next >= 0 && scene.steps().get(next).expects(text)) {
            moveTo(next);
            return;
        }
        int found = next < 0 ? -1 : search(text);
        lost = found < 0;
        if (found >= 0) {
            moveTo(found);
        } else if (next < 0) {
            lost = false; // the scene is over: its last words again
        }
    }

    /// The steps behind this one first, then those before it. A step that takes anything is not searched for.
    private int search(String text) {
        int count = scene.steps().size();
        for (int i = 1; i < count; i++) {
            int at = (place + i) % count;
            Scene.Step step = scene.steps().get(at);
            if (step.heard() != null && !step.expects().isEmpty() && step.expects(text)) {
                return at;
            }
        }
        return -1;
    }

    private void moveTo(int step) {
        place = step;
        hearing = step;
        lost = false;
    }

    /// A tool's answer arrives. A call id that was not given out here counts for the step where the run is.
    ///
    /// @param json what the tool answered; anything that is not JSON reads as nothing
    void result(String callId, String json) {
        var id = CALL_ID.matcher(callId);
        int index = fresh.size();
        if (id.matches() && Integer.parseInt(id.group(1)) < scene.steps().size()) {
            int step = Integer.parseInt(id.group(1));
            if (step != place) {
                settle();
                moveTo(step);
            }
            index = Integer.parseInt(id.group(2));
        }
        if (fresh.size() < MAX_MEMORY) {
            fresh.put(index, read(json));
        }
    }

    private static JsonNode read(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JacksonException malformed) {
            return MissingNode.getInstance();
        }
    }

    /// What the model says now. Without anything new it says the same again.
    Answer answer() {
        settle();
        answers++;
        if (lost) {
            return Answer.saying(scene.otherwise());
        }
        Scene.Step step = scene.steps().get(place);
        var calls = new ArrayList<Answer.Call>();
        for (int i = 0; i < step.calls().size(); i++) {
            calls.add(call(step.calls().get(i), i));
        }
        Template say = step.say();
        return new Answer(say == null ? "" : say.fill(source()), calls, step.fault());
    }

    /// An answer that is not part of the conversation.
    Answer aside(String asked) {
        return Answer.saying(
                scene.aside(asked).map(aside -> aside.say().fill(source())).orElse(scene.otherwise()));
    }

    /// The words of the caller that arrived last.
    String lastHeard() {
        return heard;
    }

    /// An answer that was given before, of which only the fact is known.
    void answered() {
        settle();
        answers++;
    }

    /// Where the recogniser goes on.
    int hearing() {
        return hearing;
    }

    /// Lets the recogniser go on from where a model's answer to the same call led.
    void hearingFrom(int step) {
        hearing = step;
    }

    /// Follows the branch that fits the tools' answers, if there are new ones.
    private void settle() {
        if (fresh.isEmpty()) {
            return;
        }
        results = List.copyOf(fresh.values());
        fresh.clear();
        for (Scene.Branch branch : scene.steps().get(place).branches()) {
            if (branch.holds(results)) {
                moveTo(scene.place(branch.target()));
                return;
            }
        }
    }

    private Answer.Call call(Scene.ToolUse use, int index) {
        Map<String, String> arguments = new LinkedHashMap<>();
        new TreeMap<>(use.arguments()).forEach((name, value) -> arguments.put(name, value.fill(source())));
        return new Answer.Call(
                String.format(Locale.ROOT, "call_%d_%d_%d", place, index, answers % 1_000_000),
                use.tool(),
                MAPPER.writeValueAsString(arguments));
    }

    private Template.Source source() {
        return new Template.Source() {
            @Override
            public String heard() {
                return heard;
            }

            @Override
            public String value(String name) {
                Scene.Value value = scene.values().get(name);
                return value == null ? Template.UNKNOWN : recall(value);
            }

            @Override
            public List<JsonNode> results() {
                return results;
            }
        };
    }

    /// The newest form in which the value arrived: as a placeholder, or said so plainly that a model would understand
    /// it.
    private String recall(Scene.Value value) {
        var newestFirst = memory.descendingIterator();
        while (newestFirst.hasNext()) {
            String text = newestFirst.next();
            String placeholder = placeholder(value, text);
            if (placeholder != null) {
                return placeholder;
            }
            String words = Glob.words(text);
            if (value.seen().stream().anyMatch(glob -> glob.matchesWords(words))) {
                return value.plain();
            }
        }
        return Template.UNKNOWN;
    }

    private static @Nullable String placeholder(Scene.Value value, String text) {
        for (int from = text.indexOf('<'); from >= 0; from = text.indexOf('<', from + 1)) {
            int end = text.indexOf('>', from);
            if (end < 0) {
                return null;
            }
            String candidate = text.substring(from, end + 1);
            for (Glob pattern : value.placeholders()) {
                if (pattern.matches(candidate)) {
                    return candidate;
                }
            }
        }
        return null;
    }
}
