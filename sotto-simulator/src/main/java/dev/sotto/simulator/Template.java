package dev.sotto.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/// Text with places to fill in: `{{heard}}` the last thing the caller said as it arrived, `{{value:NAME}}` a value of
/// the
/// scene, `{{result:POINTER}}` or `{{result:POINTER|FILTER}}` something of the last tool results. Immutable.
record Template(List<Part> parts) {
    /// What stands for a tool result that is not there.
    static final String UNKNOWN = "unknown";

    private static final Pattern PLACE = Pattern.compile("\\{\\{([^{}]{1,200})}}");
    private static final String VALUE = "value:";
    private static final String RESULT = "result:";

    /// How a tool's value is put into words.
    enum Filter {
        PLAIN,
        SPOKEN_DATE,
        SPOKEN_TIME;

        String apply(String value) {
            return switch (this) {
                case PLAIN -> value;
                case SPOKEN_DATE -> SpokenDate.date(value);
                case SPOKEN_TIME -> SpokenDate.time(value);
            };
        }

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /// A piece of the text.
    sealed interface Part {
        /// As it stands.
        record Literal(String text) implements Part {}

        /// The caller's last words.
        record Heard() implements Part {}

        /// A value of the scene.
        record Value(String name) implements Part {}

        /// A value of a tool's answer.
        record Result(JsonPointer pointer, Filter filter) implements Part {}
    }

    /// Where the values come from.
    interface Source {
        String heard();

        String value(String name);

        /// The results of the step that called tools last.
        List<JsonNode> results();
    }

    Template {
        parts = List.copyOf(parts);
    }

    /// Reads `text`. Each thing wrong with it goes to `problem`, and stands as it is.
    static Template parse(String text, Set<String> values, Consumer<String> problem) {
        var parts = new ArrayList<Part>();
        var places = PLACE.matcher(text);
        int from = 0;
        while (places.find()) {
            literal(parts, text.substring(from, places.start()), problem);
            parts.add(place(places.group(1).strip(), values, problem));
            from = places.end();
        }
        literal(parts, text.substring(from), problem);
        return new Template(parts);
    }

    private static void literal(List<Part> parts, String text, Consumer<String> problem) {
        if (text.contains("{{") || text.contains("}}")) {
            problem.accept("has a place that does not end");
        }
        if (!text.isEmpty()) {
            parts.add(new Part.Literal(text));
        }
    }

    private static Part place(String place, Set<String> values, Consumer<String> problem) {
        if (place.equals("heard")) {
            return new Part.Heard();
        }
        if (place.startsWith(VALUE)) {
            String name = place.substring(VALUE.length());
            if (!values.contains(name)) {
                problem.accept("names a value (%s) that the scene has not".formatted(name));
            }
            return new Part.Value(name);
        }
        if (place.startsWith(RESULT)) {
            String[] halves = place.substring(RESULT.length()).split("\\|", 2);
            return new Part.Result(
                    pointer(halves[0].strip(), problem),
                    halves.length == 1 ? Filter.PLAIN : filter(halves[1], problem));
        }
        problem.accept("has an unknown place (%s)".formatted(place));
        return new Part.Literal("");
    }

    static JsonPointer pointer(String text, Consumer<String> problem) {
        try {
            return JsonPointer.compile(text);
        } catch (IllegalArgumentException malformed) {
            problem.accept("has a pointer (%s) that does not start with a slash".formatted(text));
            return JsonPointer.empty();
        }
    }

    private static Filter filter(String text, Consumer<String> problem) {
        String name = text.strip();
        for (Filter filter : Filter.values()) {
            if (filter.word().equals(name)) {
                return filter;
            }
        }
        problem.accept("has an unknown filter (%s), known are %s"
                .formatted(name, Stream.of(Filter.values()).map(Filter::word).collect(Collectors.joining(", "))));
        return Filter.PLAIN;
    }

    String fill(Source source) {
        var text = new StringBuilder();
        for (Part part : parts) {
            text.append(
                    switch (part) {
                        case Part.Literal(String literal) -> literal;
                        case Part.Heard() -> source.heard();
                        case Part.Value(String name) -> source.value(name);
                        case Part.Result(JsonPointer pointer, Filter filter) -> filter.apply(result(source, pointer));
                    });
        }
        return text.toString();
    }

    private static String result(Source source, JsonPointer pointer) {
        for (JsonNode result : source.results()) {
            JsonNode found = result.at(pointer);
            if (found.isValueNode() && !found.isNull()) {
                return found.asString();
            }
        }
        return UNKNOWN;
    }
}
