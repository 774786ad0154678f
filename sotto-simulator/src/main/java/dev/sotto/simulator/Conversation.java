package dev.sotto.simulator;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The items of a Realtime conversation in their order, bounded. Not thread-safe.
final class Conversation {
    static final int MOST_ITEMS = 1_000;
    static final String ROOT = "root";

    /// One item: its JSON in the general dialect, and what the scene needs of it.
    static final class Item {
        private final String id;
        private final ObjectNode json;
        /// The caller's words, as the recogniser or the client gave them.
        private final @Nullable String heard;
        /// Length of the sound that was made for it.
        private int milliseconds;
        private boolean taken;

        Item(String id, ObjectNode json, @Nullable String heard) {
            this.id = id;
            this.json = json;
            this.heard = heard;
        }

        String id() {
            return id;
        }

        ObjectNode json() {
            return json;
        }

        int milliseconds() {
            return milliseconds;
        }

        void lasts(int sound) {
            milliseconds = sound;
        }

        private boolean spoken() {
            return heard != null && json.at("/content/0/type").asString("").equals("input_audio");
        }
    }

    private final Map<String, Item> items = new LinkedHashMap<>();

    boolean full() {
        return items.size() >= MOST_ITEMS;
    }

    boolean has(String id) {
        return items.containsKey(id);
    }

    Optional<Item> find(String id) {
        return Optional.ofNullable(items.get(id));
    }

    /// The id of the last item, if there is one.
    @Nullable
    String last() {
        String last = null;
        for (String id : items.keySet()) {
            last = id;
        }
        return last;
    }

    /// Puts `item` behind `previous`; at the beginning for [#ROOT], at the end for none.
    void add(Item item, @Nullable String previous) {
        if (previous == null || previous.equals(last())) {
            items.put(item.id(), item);
            return;
        }
        var all = new ArrayList<>(items.values());
        int at = 0;
        if (!previous.equals(ROOT)) {
            while (at < all.size() && !all.get(at).id().equals(previous)) {
                at++;
            }
            at = Math.min(all.size(), at + 1);
        }
        all.add(at, item);
        items.clear();
        all.forEach(each -> items.put(each.id(), each));
    }

    boolean remove(String id) {
        return items.remove(id) != null;
    }

    /// Leads `run` through the items that it has not seen.
    ///
    /// @param spoken whether also what was only spoken, which a client may still replace
    void lead(SceneRun run, boolean spoken) {
        for (Item item : List.copyOf(items.values())) {
            if (!item.taken && (spoken || !item.spoken())) {
                item.taken = true;
                take(run, item);
            }
        }
    }

    /// Marks an item that the simulator itself said.
    static void said(Item item) {
        item.taken = true;
    }

    private static void take(SceneRun run, Item item) {
        switch (Json.text(item.json(), "type", "")) {
            case "function_call_output" ->
                run.result(Json.text(item.json(), "call_id", ""), Json.text(item.json(), "output", ""));
            case "message" -> {
                if (item.heard != null) {
                    run.heard(item.heard);
                } else if (Json.text(item.json(), "role", "").equals("assistant")) {
                    run.answered();
                }
            }
            default -> {} // a call of a tool that the client tells of; its answer says more
        }
    }

    /// The caller's words in an item that a client made; null if they are not the caller's.
    static @Nullable String words(JsonNode item) {
        if (!Json.text(item, "type", "").equals("message")
                || !Json.text(item, "role", "").equals("user")) {
            return null;
        }
        var text = new StringBuilder();
        for (JsonNode part : item.path("content")) {
            text.append(Json.text(part, "text", Json.text(part, "transcript", "")));
        }
        return text.toString();
    }
}
