package dev.sotto.agent;

import dev.sotto.agent.ToolResult.Why;
import dev.sotto.core.SensitiveText;
import dev.sotto.model.ToolSpec;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the program says of its tools, held against what a model is told of them; then tried out, as far as arguments
/// go, with the same check that real calls pass. No tool is run.
final class ToolContract {
    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final String STRANGER = "sotto_probe";

    private ToolContract() {}

    /// What does not fit; names tools and arguments only.
    static List<String> problems(List<ToolSpec> specs) {
        var problems = new ArrayList<String>();
        var missing = EnumSet.allOf(Tool.class);
        for (var spec : specs) {
            var tool = Tool.named(spec.name());
            if (tool.isEmpty()) {
                problems.add("tool %s is not known".formatted(spec.name()));
            } else if (!missing.remove(tool.get())) {
                problems.add("tool %s stands twice".formatted(spec.name()));
            } else {
                JsonNode schema = MAPPER.readTree(spec.parameters());
                compare(tool.get(), schema, problems);
                probe(tool.get(), names(schema.path("properties")), required(schema), problems);
            }
        }
        missing.forEach(tool -> problems.add("tool %s is missing".formatted(tool.wireName())));
        return problems;
    }

    private static Set<String> names(JsonNode properties) {
        var names = new TreeSet<String>();
        properties.propertyNames().forEach(names::add);
        return names;
    }

    private static Set<String> required(JsonNode schema) {
        var required = new TreeSet<String>();
        schema.path("required").forEach(name -> required.add(name.stringValue("")));
        return required;
    }

    private static void compare(Tool tool, JsonNode schema, List<String> problems) {
        var told = names(schema.path("properties"));
        if (!told.equals(tool.argumentNames())) {
            problems.add("arguments of %s are %s, not %s".formatted(tool.wireName(), told, tool.argumentNames()));
        }
        schema.path("properties").forEach(property -> {
            if (!property.path("type").stringValue("").equals("string")) {
                problems.add("an argument of %s is not a string".formatted(tool.wireName()));
            }
        });
        var required = required(schema);
        if (!required.equals(tool.requiredNames())) {
            problems.add("required arguments of %s are %s, not %s"
                    .formatted(tool.wireName(), required, tool.requiredNames()));
        }
        if (schema.path("additionalProperties").booleanValue(true)) {
            problems.add("%s must allow no other arguments".formatted(tool.wireName()));
        }
    }

    /// Calls that keep to what a model is told must fit, and calls that do not must not.
    private static void probe(Tool tool, Set<String> told, Set<String> required, List<String> problems) {
        var optional = new TreeSet<>(told);
        optional.removeAll(required);
        for (String more : optional.isEmpty() ? List.of("") : optional) {
            var arguments = samples(tool, required);
            if (!more.isEmpty()) {
                arguments.put(more, sample(tool, more));
            }
            if (!(check(tool, arguments) instanceof ToolArguments.Fit)) {
                problems.add("%s does not take %s".formatted(tool.wireName(), arguments.keySet()));
            }
            arguments.put(STRANGER, "1");
            if (!check(tool, arguments).equals(new ToolArguments.Unfit(Why.UNKNOWN_ARGUMENT))) {
                problems.add("%s takes an argument that nobody knows".formatted(tool.wireName()));
            }
        }
        for (String name : required) {
            var arguments = samples(tool, required);
            arguments.remove(name);
            if (check(tool, arguments) instanceof ToolArguments.Fit) {
                problems.add("%s runs without %s".formatted(tool.wireName(), name));
            }
        }
    }

    private static ToolArguments check(Tool tool, Map<String, String> arguments) {
        return ToolArguments.check(tool, SensitiveText.of(MAPPER.writeValueAsString(arguments)));
    }

    private static Map<String, String> samples(Tool tool, Set<String> names) {
        var samples = new TreeMap<String, String>();
        names.forEach(name -> samples.put(name, sample(tool, name)));
        return samples;
    }

    private static String sample(Tool tool, String name) {
        return tool.argument(name).map(Tool.Argument::sample).orElse("");
    }
}
