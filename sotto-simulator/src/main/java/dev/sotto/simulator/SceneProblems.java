package dev.sotto.simulator;

import dev.sotto.core.RejectedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Reads fields and collects what is wrong with them, with the path of each. What is wrong reads as empty.
final class SceneProblems {
    private static final int MAX_PROBLEMS = 50;

    private final List<String> found = new ArrayList<>();

    /// An item of a list and where it stands.
    record Item(JsonNode node, String path) {}

    void add(String path, String problem) {
        if (found.size() < MAX_PROBLEMS) {
            found.add((path.isEmpty() ? "/" : path) + " " + problem);
        }
    }

    void throwIfAny() {
        if (!found.isEmpty()) {
            throw new RejectedException(
                    SimulatorError.SCENE_INVALID, "scene is not valid: " + String.join("; ", found));
        }
    }

    void keys(JsonNode node, String path, String... known) {
        if (!node.isObject()) {
            add(path, "must be an object");
            return;
        }
        Set<String> names = Set.of(known);
        node.propertyNames().stream()
                .filter(name -> !names.contains(name))
                .forEach(name -> add(path + "/" + name, "is not known"));
    }

    String text(JsonNode node, String path, String key, int most) {
        String text = optionalText(node, path, key, most);
        if (text == null) {
            if (node.path(key).isMissingNode()) {
                add(path + "/" + key, "is missing");
            }
            return "";
        }
        if (text.isBlank()) {
            add(path + "/" + key, "must not be blank");
        }
        return text;
    }

    @Nullable
    String optionalText(JsonNode node, String path, String key, int most) {
        JsonNode value = node.path(key);
        if (value.isMissingNode()) {
            return null;
        }
        if (!value.isString()) {
            add(path + "/" + key, "must be text");
            return null;
        }
        if (value.stringValue().length() > most) {
            add(path + "/" + key, "must have at most %d characters".formatted(most));
            return null;
        }
        return value.stringValue();
    }

    String named(JsonNode node, String path, String key, Pattern pattern) {
        String name = text(node, path, key, 64);
        if (!name.isBlank() && !pattern.matcher(name).matches()) {
            add(path + "/" + key, "must match %s".formatted(pattern));
        }
        return name;
    }

    List<Item> items(JsonNode node, String path, String key, int most, boolean required) {
        JsonNode list = node.path(key);
        if (list.isMissingNode() && !required) {
            return List.of();
        }
        if (!list.isArray() || list.size() > most || (required && list.isEmpty())) {
            add(path + "/" + key, "must be a list of %d to %d".formatted(required ? 1 : 0, most));
            return List.of();
        }
        var items = new ArrayList<Item>();
        for (int i = 0; i < list.size(); i++) {
            items.add(new Item(list.get(i), "%s/%s/%d".formatted(path, key, i)));
        }
        return items;
    }

    List<String> texts(JsonNode node, String path, String key, int most, int mostCharacters) {
        var texts = new ArrayList<String>();
        for (Item item : items(node, path, key, most, false)) {
            if (!item.node().isString()
                    || item.node().stringValue().isBlank()
                    || item.node().stringValue().length() > mostCharacters) {
                add(item.path(), "must be text of 1 to %d characters".formatted(mostCharacters));
            } else {
                texts.add(item.node().stringValue());
            }
        }
        return texts;
    }
}
