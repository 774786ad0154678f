package dev.sotto.guard;

import java.util.EnumMap;
import java.util.Map;

/// What was done to what, counted. Not thread-safe.
final class Tally {
    private static final int MAX_TEXT = 480;

    private final Map<EntityType, Map<Operator, Integer>> counts = new EnumMap<>(EntityType.class);
    private int restored;
    private int unknownTokens;

    void add(EntityType type, Operator operator) {
        counts.computeIfAbsent(type, _ -> new EnumMap<>(Operator.class)).merge(operator, 1, Integer::sum);
    }

    void restored() {
        restored++;
    }

    void unknownToken() {
        unknownTokens++;
    }

    int restoredCount() {
        return restored;
    }

    int unknownTokenCount() {
        return unknownTokens;
    }

    /// `PHONE:tokenise=2,DATE:keep=1`, by type and operator; empty if nothing was found. Ends with `,more` where it
    /// would
    /// not fit an audit entry.
    String text() {
        var text = new StringBuilder();
        for (var byType : counts.entrySet()) {
            for (var byOperator : byType.getValue().entrySet()) {
                String entry = "%s:%s=%d"
                        .formatted(byType.getKey().name(), byOperator.getKey().code(), byOperator.getValue());
                if (text.length() + entry.length() > MAX_TEXT) {
                    return text.append(",more").toString();
                }
                text.append(text.isEmpty() ? "" : ",").append(entry);
            }
        }
        return text.toString();
    }
}
