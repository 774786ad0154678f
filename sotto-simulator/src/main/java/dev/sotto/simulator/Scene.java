package dev.sotto.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/// A written conversation that a simulator plays: what the recogniser hears of the caller, and what the model answers.
/// The format is in `docs/reference/simulator.md`. Immutable.
public final class Scene {
    /// Names of the shipped scenes, the demo's first.
    public static final List<String> SHIPPED =
            List.of("healthcare-appointment", "healthcare-unverified", "healthcare-conversation");

    static final int MAX_BYTES = 256 * 1024;

    /// A value that the caller says and tools need: the placeholder that a guard put in its place, as it arrived, or
    /// the
    /// plain form if the words arrived as they were said.
    record Value(String name, List<Glob> placeholders, List<Glob> seen, String plain) {
        Value {
            placeholders = List.copyOf(placeholders);
            seen = List.copyOf(seen);
        }
    }

    /// What the recogniser hears.
    record Heard(String text, List<String> partials) {
        static final Heard NOTHING = new Heard("", List.of());

        Heard {
            partials = List.copyOf(partials);
        }
    }

    /// One call of a tool.
    record ToolUse(String tool, Map<String, Template> arguments) {
        ToolUse {
            arguments = Map.copyOf(arguments);
        }
    }

    /// Where to go on when the tools have answered: `pointer` equals, exists or not; without one always.
    record Branch(@Nullable JsonPointer pointer, @Nullable JsonNode equal, boolean exists, String target) {

        boolean holds(List<JsonNode> results) {
            if (pointer == null) {
                return true;
            }
            for (JsonNode result : results) {
                JsonNode found = result.at(pointer);
                boolean there = !found.isMissingNode() && !found.isNull();
                if (equal != null ? found.equals(equal) : there) {
                    return exists;
                }
            }
            return !exists;
        }
    }

    /// One moment of the scene. Entered by speech if it has something heard, else from a branch, or at the start.
    record Step(
            String name,
            @Nullable Heard heard,
            List<Glob> expects,
            @Nullable Template say,
            List<ToolUse> calls,
            List<Branch> branches,
            @Nullable String next,
            @Nullable Fault fault) {
        Step {
            expects = List.copyOf(expects);
            calls = List.copyOf(calls);
            branches = List.copyOf(branches);
        }

        boolean expects(String text) {
            String words = Glob.words(text);
            return expects.isEmpty() || expects.stream().anyMatch(glob -> glob.matchesWords(words));
        }
    }

    /// An answer to a request that is not part of the conversation, such as for a summary.
    record Aside(List<Glob> expects, Template say) {
        Aside {
            expects = List.copyOf(expects);
        }
    }

    private final String name;
    private final String title;
    private final String otherwise;
    private final Heard afterwards;
    private final Map<String, Value> values;
    private final List<Aside> asides;
    private final List<Step> steps;
    private final Map<String, Integer> places;

    Scene(
            String name,
            String title,
            String otherwise,
            String afterwards,
            Map<String, Value> values,
            List<Aside> asides,
            List<Step> steps) {
        this.name = name;
        this.title = title;
        this.otherwise = otherwise;
        this.afterwards = new Heard(afterwards, List.of());
        this.values = Map.copyOf(values);
        this.asides = List.copyOf(asides);
        this.steps = List.copyOf(steps);
        var places = new HashMap<String, Integer>();
        for (int i = 0; i < steps.size(); i++) {
            places.put(steps.get(i).name(), i);
        }
        this.places = Map.copyOf(places);
    }

    /// Reads a scene from its JSON.
    ///
    /// @throws RejectedException if it breaks the schema; the message lists every problem with its path, at most 50
    public static Scene parse(String json) {
        return SceneReader.read(json);
    }

    /// Reads a scene file of at most 256 KiB.
    ///
    /// @throws RejectedException if it cannot be read, is too large or breaks the schema
    public static Scene read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new RejectedException(
                        SimulatorError.SCENE_UNREADABLE, "scene (%s) is over %d bytes".formatted(file, MAX_BYTES));
            }
            return parse(Files.readString(file, UTF_8));
        } catch (IOException unreadable) {
            throw new RejectedException(
                    SimulatorError.SCENE_UNREADABLE, "scene (%s) cannot be read".formatted(file), unreadable);
        }
    }

    /// A scene that ships with Sotto.
    ///
    /// @throws NotFoundException if none has that name
    public static Scene shipped(String name) {
        if (!SHIPPED.contains(name)) {
            throw new NotFoundException(SimulatorError.SCENE_UNKNOWN, "scene (%s) is not shipped".formatted(name));
        }
        try (InputStream in = Scene.class.getResourceAsStream("scenes/" + name + ".json")) {
            if (in == null) {
                throw new NotFoundException(SimulatorError.SCENE_UNKNOWN, "scene (%s) is not shipped".formatted(name));
            }
            return parse(new String(in.readAllBytes(), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Its name, which is also the name of the model that plays it.
    public String name() {
        return name;
    }

    /// One line on what happens in it.
    public String title() {
        return title;
    }

    /// What the recogniser hears, in the order of the file: everything that the caller may say.
    public List<String> utterances() {
        return steps.stream()
                .flatMap(step -> Optional.ofNullable(step.heard()).stream())
                .map(Heard::text)
                .toList();
    }

    String otherwise() {
        return otherwise;
    }

    /// What is heard when the scene has nothing more.
    Heard afterwards() {
        return afterwards;
    }

    Map<String, Value> values() {
        return values;
    }

    Optional<Aside> aside(String text) {
        String words = Glob.words(text);
        return asides.stream()
                .filter(aside -> aside.expects().stream().anyMatch(glob -> glob.matchesWords(words)))
                .findFirst();
    }

    List<Step> steps() {
        return steps;
    }

    int place(String step) {
        return requireNonNull(places.get(step));
    }

    /// The step in which the caller speaks next after `place`: the one named, or the next of the file; -1 for none.
    int nextHeard(int place) {
        Step step = steps.get(place);
        int from = step.next() == null ? place + 1 : place(step.next());
        for (int i = from; i < steps.size(); i++) {
            if (steps.get(i).heard() != null) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public String toString() {
        return "Scene[" + name + "]";
    }
}
