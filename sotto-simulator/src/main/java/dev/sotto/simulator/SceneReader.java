package dev.sotto.simulator;

import dev.sotto.core.RejectedException;
import dev.sotto.simulator.Scene.Aside;
import dev.sotto.simulator.Scene.Branch;
import dev.sotto.simulator.Scene.Heard;
import dev.sotto.simulator.Scene.Step;
import dev.sotto.simulator.Scene.ToolUse;
import dev.sotto.simulator.Scene.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads scenes and finds everything that is wrong with one, not only the first thing. Each instance reads one scene.
final class SceneReader {
    private static final String FORMAT = "sotto-scene/1";
    private static final int MAX_STEPS = 200;
    private static final int MAX_LIST = 64;
    private static final int MAX_TEXT = 4_000;
    private static final int MAX_DEPTH = 12;
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,63}");
    private static final Pattern TOOL = Pattern.compile("[a-zA-Z0-9_-]{1,64}");
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxDocumentLength(Scene.MAX_BYTES)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final SceneProblems problems = new SceneProblems();
    private Set<String> valueNames = Set.of();

    private SceneReader() {}

    /// @throws RejectedException with every problem
    static Scene read(String json) {
        JsonNode root;
        try {
            if (json.length() > Scene.MAX_BYTES) {
                throw new RejectedException(
                        SimulatorError.SCENE_INVALID, "scene is over %d bytes".formatted(Scene.MAX_BYTES));
            }
            root = MAPPER.readTree(json);
        } catch (JacksonException malformed) {
            var at = malformed.getLocation();
            throw new RejectedException(
                    SimulatorError.SCENE_INVALID,
                    "scene is not well-formed json (line %d)".formatted(at == null ? 0 : at.getLineNr()));
        }
        var reader = new SceneReader();
        var scene = reader.scene(root);
        reader.problems.throwIfAny();
        return scene;
    }

    private Scene scene(JsonNode root) {
        problems.keys(root, "", "format", "name", "title", "otherwise", "afterwards", "values", "asides", "steps");
        if (!FORMAT.equals(problems.text(root, "", "format", MAX_TEXT))) {
            problems.add("/format", "must be " + FORMAT);
        }
        String name = problems.named(root, "", "name", NAME);
        String title = problems.text(root, "", "title", MAX_TEXT);
        String otherwise = problems.text(root, "", "otherwise", MAX_TEXT);
        String afterwards = problems.optionalText(root, "", "afterwards", MAX_TEXT);
        Map<String, Value> values = values(root.path("values"));
        valueNames = values.keySet();
        List<Aside> asides = new ArrayList<>();
        for (var at : problems.items(root, "", "asides", MAX_LIST, false)) {
            problems.keys(at.node(), at.path(), "expects", "say");
            asides.add(new Aside(globs(at.node(), at.path(), "expects", true), template(at.node(), at.path(), "say")));
        }
        List<Step> steps = new ArrayList<>();
        for (var at : problems.items(root, "", "steps", MAX_STEPS, true)) {
            steps.add(step(at.node(), at.path()));
        }
        checkNames(steps);
        return new Scene(name, title, otherwise, afterwards == null ? "" : afterwards, values, asides, steps);
    }

    private Map<String, Value> values(JsonNode node) {
        var values = new LinkedHashMap<String, Value>();
        if (!node.isMissingNode() && !node.isObject()) {
            problems.add("/values", "must be an object");
            return values;
        }
        if (node.size() > MAX_LIST) {
            problems.add("/values", "must have at most %d entries".formatted(MAX_LIST));
            return values;
        }
        for (var entry : node.properties()) {
            String path = "/values/" + entry.getKey();
            if (!NAME.matcher(entry.getKey()).matches()) {
                problems.add(path, "is not a name");
            }
            problems.keys(entry.getValue(), path, "placeholders", "seen", "plain");
            values.put(
                    entry.getKey(),
                    new Value(
                            entry.getKey(),
                            globs(entry.getValue(), path, "placeholders", false),
                            globs(entry.getValue(), path, "seen", true),
                            problems.text(entry.getValue(), path, "plain", MAX_TEXT)));
        }
        return values;
    }

    private Step step(JsonNode node, String path) {
        problems.keys(node, path, "name", "heard", "expects", "say", "calls", "branches", "next", "fault");
        String name = problems.named(node, path, "name", NAME);
        Heard heard = node.has("heard") ? heard(node.path("heard"), path + "/heard") : null;
        List<ToolUse> calls = new ArrayList<>();
        for (var at : problems.items(node, path, "calls", MAX_LIST, false)) {
            calls.add(call(at.node(), at.path()));
        }
        List<Branch> branches = new ArrayList<>();
        for (var at : problems.items(node, path, "branches", MAX_LIST, false)) {
            branches.add(branch(at.node(), at.path()));
        }
        if (!node.has("say") && calls.isEmpty()) {
            problems.add(path, "must say something or call a tool");
        }
        if (calls.isEmpty() != branches.isEmpty()) {
            problems.add(path, "must have branches if it calls a tool, and only then");
        }
        return new Step(
                name,
                heard,
                globs(node, path, "expects", false),
                node.has("say") ? template(node, path, "say") : null,
                calls,
                branches,
                problems.optionalText(node, path, "next", MAX_TEXT),
                node.has("fault") ? fault(node.path("fault"), path + "/fault") : null);
    }

    private Heard heard(JsonNode node, String path) {
        problems.keys(node, path, "final", "partials");
        String text = problems.text(node, path, "final", MAX_TEXT);
        List<String> partials = problems.texts(node, path, "partials", MAX_LIST, MAX_TEXT);
        for (int i = 0; i < partials.size(); i++) {
            String longer = i + 1 < partials.size() ? partials.get(i + 1) : text;
            if (!longer.startsWith(partials.get(i))) {
                problems.add("%s/partials/%d".formatted(path, i), "must be how what follows it begins");
            }
        }
        return new Heard(text, partials);
    }

    private ToolUse call(JsonNode node, String path) {
        problems.keys(node, path, "tool", "arguments");
        var arguments = new LinkedHashMap<String, Template>();
        JsonNode given = node.path("arguments");
        if (!given.isObject() || given.size() > MAX_LIST) {
            problems.add(path + "/arguments", "must be an object of at most %d strings".formatted(MAX_LIST));
        } else {
            given.propertyNames().forEach(name -> arguments.put(name, template(given, path + "/arguments", name)));
        }
        return new ToolUse(problems.named(node, path, "tool", TOOL), arguments);
    }

    private Branch branch(JsonNode node, String path) {
        problems.keys(node, path, "pointer", "equals", "exists", "goto");
        String pointer = problems.optionalText(node, path, "pointer", MAX_TEXT);
        JsonNode equal = node.get("equals");
        JsonNode exists = node.get("exists");
        if (pointer == null ? equal != null || exists != null : (equal == null) == (exists == null)) {
            problems.add(path, "must have a pointer with either equals or exists, or none of them");
        }
        if (equal != null && !equal.isValueNode()) {
            problems.add(path + "/equals", "must be a plain value");
        }
        if (exists != null && !exists.isBoolean()) {
            problems.add(path + "/exists", "must be true or false");
        }
        return new Branch(
                pointer == null ? null : Template.pointer(pointer, problem -> problems.add(path + "/pointer", problem)),
                equal,
                exists == null || exists.asBoolean(true),
                problems.text(node, path, "goto", MAX_TEXT));
    }

    private @Nullable Fault fault(JsonNode node, String path) {
        problems.keys(node, path, "kind", "milliseconds");
        String word = problems.text(node, path, "kind", MAX_TEXT);
        var kind = Fault.Kind.named(word);
        if (kind.isEmpty()) {
            problems.add(path + "/kind", "is not a fault (%s)".formatted(word));
            return null;
        }
        JsonNode milliseconds = node.path("milliseconds");
        if (!milliseconds.isMissingNode() && !milliseconds.isIntegralNumber()) {
            problems.add(path + "/milliseconds", "must be a whole number");
            return null;
        }
        try {
            return new Fault(kind.get(), Duration.ofMillis(milliseconds.asLong(0)));
        } catch (IllegalArgumentException unfit) {
            problems.add(path + "/milliseconds", "must be 1 to 600000 for a delay, and absent otherwise");
            return null;
        }
    }

    private List<Glob> globs(JsonNode node, String path, String key, boolean required) {
        List<String> patterns = problems.texts(node, path, key, MAX_LIST, MAX_TEXT);
        if (required && patterns.isEmpty()) {
            problems.add(path + "/" + key, "must have at least one pattern");
        }
        return patterns.stream().map(Glob::new).toList();
    }

    private Template template(JsonNode node, String path, String key) {
        return Template.parse(
                problems.text(node, path, key, MAX_TEXT),
                valueNames,
                problem -> problems.add(path + "/" + key, problem));
    }

    private void checkNames(List<Step> steps) {
        var names = new HashSet<String>();
        for (int i = 0; i < steps.size(); i++) {
            if (!names.add(steps.get(i).name())) {
                problems.add("/steps/%d/name".formatted(i), "is not the only one of that name");
            }
        }
        if (!steps.isEmpty() && steps.getFirst().heard() != null) {
            problems.add("/steps/0", "must be the answer at the start, so nothing is heard before it");
        }
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            String path = "/steps/" + i;
            if (step.next() != null && !names.contains(step.next())) {
                problems.add(path + "/next", "names no step (%s)".formatted(step.next()));
            }
            for (int b = 0; b < step.branches().size(); b++) {
                String target = step.branches().get(b).target();
                if (!names.contains(target)) {
                    problems.add("%s/branches/%d/goto".formatted(path, b), "names no step (%s)".formatted(target));
                }
            }
        }
    }
}
