package dev.sotto.guard;

import java.util.EnumMap;
import java.util.Map;

/// What was done to what, counted. Not thread-safe.
final class Tally {
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

    /// `PHONE:tokenise=2,DATE:keep=1`, by type and operator; empty if nothing was found.
    String text() {
        var text = new StringBuilder();
        counts.forEach(
                (type, operators) -> operators.forEach((operator, count) -> text.append(text.isEmpty() ? "" : ",")
                        .append(type.name())
                        .append(':')
                        .append(operator.code())
                        .append('=')
                        .append(count)));
        return text.toString();
    }
}
