package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a model answers about a call: one JSON object with exactly the fields that were asked for, in their ranges. A
/// code fence around it is taken off; anything else is no answer.
final class WrapUpJson {
    static final int MAX_SUMMARY = 600;
    private static final String FENCE = "```";
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private WrapUpJson() {}

    /// What the model says of mood and worth.
    record Scores(double sentiment, int leadScore) {}

    static Optional<SensitiveText> summary(SensitiveText answer) {
        return object(answer, Set.of("summary"))
                .map(tree -> tree.path("summary"))
                .filter(JsonNode::isString)
                .map(field -> field.stringValue().strip())
                .filter(text -> !text.isEmpty() && text.length() <= MAX_SUMMARY)
                .map(text -> SensitiveText.of(text.replaceAll("\\p{Cntrl}+", " ")));
    }

    static Optional<Scores> scores(SensitiveText answer) {
        return object(answer, Set.of("sentiment", "lead_score"))
                .filter(tree -> tree.path("sentiment").isNumber()
                        && tree.path("lead_score").isIntegralNumber())
                .filter(tree -> Math.abs(tree.path("sentiment").doubleValue()) <= 1)
                .filter(tree -> tree.path("lead_score").canConvertToInt()
                        && tree.path("lead_score").intValue() >= 0
                        && tree.path("lead_score").intValue() <= 100)
                .map(tree -> new Scores(
                        tree.path("sentiment").doubleValue(),
                        tree.path("lead_score").intValue()));
    }

    private static Optional<JsonNode> object(SensitiveText answer, Set<String> fields) {
        try {
            JsonNode tree = MAPPER.readTree(unfenced(answer.reveal().strip()));
            return tree.isObject() && new TreeSet<>(tree.propertyNames()).equals(new TreeSet<>(fields))
                    ? Optional.of(tree)
                    : Optional.empty();
        } catch (JacksonException broken) {
            return Optional.empty();
        }
    }

    private static String unfenced(String text) {
        int line = text.indexOf('\n');
        if (!text.startsWith(FENCE) || !text.endsWith(FENCE) || line < 0 || text.length() - FENCE.length() < line) {
            return text;
        }
        return text.substring(line, text.length() - FENCE.length());
    }
}
