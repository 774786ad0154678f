package dev.sotto.guard;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;

/// One node of a YAML file, read strictly: each method names the rule that a value breaks, and goes on. All scalars are
/// strings (the failsafe schema), so nothing is guessed; there are no types, no merge keys, and few aliases.
final class YamlNode {
    /// The most a file may have, in characters.
    static final int MAX_CHARACTERS = 256 * 1024;

    private static final String ONE_DOCUMENT = "must be one YAML document without duplicate keys";
    private static final int MAX_ALIASES = 16;
    private static final int MAX_DEPTH = 12;
    private static final int MAX_NODES = 20_000;

    private final String path;
    private final @Nullable Object value;
    private final Problems problems;
    private final Set<String> known = new HashSet<>();

    private YamlNode(String path, @Nullable Object value, Problems problems) {
        this.path = path;
        this.value = value;
        this.problems = problems;
    }

    static YamlNode load(String name, String yaml, Problems problems) {
        return new YamlNode(name, parsed(name, yaml, problems), problems);
    }

    private static @Nullable Object parsed(String name, String yaml, Problems problems) {
        if (yaml.length() > MAX_CHARACTERS) {
            problems.add(name, "must have at most %d characters".formatted(MAX_CHARACTERS));
            return Map.of();
        }
        LoadSettings settings = LoadSettings.builder()
                .setAllowDuplicateKeys(false)
                .setAllowRecursiveKeys(false)
                .setAllowNonScalarKeys(false)
                .setMaxAliasesForCollections(MAX_ALIASES)
                .setCodePointLimit(MAX_CHARACTERS)
                .setSchema(new FailsafeSchema())
                .setLabel(name)
                .build();
        try {
            Iterator<Object> documents =
                    new Load(settings).loadAllFromString(yaml).iterator();
            Object tree = documents.hasNext() ? documents.next() : Map.of();
            if (documents.hasNext()) {
                problems.add(name, ONE_DOCUMENT);
            }
            if (!small(tree, 0, new int[1])) {
                problems.add(name, "must have at most %d levels and %d values".formatted(MAX_DEPTH, MAX_NODES));
                return Map.of();
            }
            return tree;
        } catch (MarkedYamlEngineException malformed) {
            String line = malformed
                    .getProblemMark()
                    .map(mark -> ", line " + (mark.getLine() + 1))
                    .orElse("");
            problems.add(name + line, ONE_DOCUMENT);
        } catch (YamlEngineException | StackOverflowError malformed) {
            problems.add(name, ONE_DOCUMENT);
        }
        return Map.of();
    }

    /// Whether a tree is within the limits; also ends on one that holds itself.
    private static boolean small(@Nullable Object node, int depth, int[] count) {
        if (depth > MAX_DEPTH || ++count[0] > MAX_NODES) {
            return false;
        }
        return switch (node) {
            case Map<?, ?> map -> map.values().stream().allMatch(child -> small(child, depth + 1, count));
            case List<?> list -> list.stream().allMatch(child -> small(child, depth + 1, count));
            case null, default -> true;
        };
    }

    String path() {
        return path;
    }

    void problem(String rule) {
        problems.add(path, rule);
    }

    private YamlNode child(String key, @Nullable Object childValue) {
        return new YamlNode(path + "." + key, childValue, problems);
    }

    private Map<?, ?> map() {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    boolean isMap() {
        return value instanceof Map<?, ?>;
    }

    boolean isText() {
        return value instanceof String;
    }

    /// The value of a key, if the file has it.
    Optional<YamlNode> optional(String key) {
        known.add(key);
        return map().containsKey(key) ? Optional.of(child(key, map().get(key))) : Optional.empty();
    }

    /// The value of a key; its absence is a problem.
    Optional<YamlNode> required(String key) {
        Optional<YamlNode> found = optional(key);
        if (found.isEmpty()) {
            problem("must have the key " + key);
        }
        return found;
    }

    /// Says of every key that was not asked for that it is unknown.
    void noOtherKeys() {
        if (!isMap()) {
            problem("must be a map");
        }
        for (Object key : map().keySet()) {
            if (!(key instanceof String text) || !known.contains(text)) {
                problem("has an unknown key (%.40s)".formatted(key));
            }
        }
    }

    /// Its text as something else; `rule` says what it must be.
    <T> Optional<T> as(String rule, Function<String, Optional<T>> parser) {
        Optional<T> parsed = value instanceof String text ? parser.apply(text) : Optional.empty();
        if (parsed.isEmpty()) {
            problem("must be " + rule);
        }
        return parsed;
    }

    /// The members of a list of 1 to `max`; one text counts as a list of one.
    List<YamlNode> list(int max) {
        if (isText()) {
            return List.of(this);
        }
        if (!(value instanceof List<?> list) || list.isEmpty() || list.size() > max) {
            problem("must be a list of 1 to " + max);
            return List.of();
        }
        var members = new ArrayList<YamlNode>();
        for (int i = 0; i < list.size(); i++) {
            members.add(new YamlNode("%s[%d]".formatted(path, i), list.get(i), problems));
        }
        return members;
    }

    /// The members of a map, by key.
    Map<String, YamlNode> members() {
        var members = new LinkedHashMap<String, YamlNode>();
        if (!isMap() || map().isEmpty()) {
            problem("must be a map that is not empty");
        }
        map().forEach((key, member) -> members.put(String.valueOf(key), child("%.40s".formatted(key), member)));
        return members;
    }
}
