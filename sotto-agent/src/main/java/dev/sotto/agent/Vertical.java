package dev.sotto.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.BugException;
import dev.sotto.core.SensitiveText;
import dev.sotto.model.ToolSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a model is told about one line of business, and the tools it may ask for: a versioned file that ships with the
/// program. A file whose tools are not exactly those the program has is refused. Immutable.
public final class Vertical {
    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("EEEE, MMMM d, uuuu", Locale.ENGLISH);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("h:mm a", Locale.ENGLISH);
    /// The newest version of each.
    private static final Map<String, Integer> SHIPPED = Map.of("healthcare", 1);

    private final String name;
    private final int version;
    private final String instructions;
    private final String speaking;
    private final List<ToolSpec> tools;

    private Vertical(String name, int version, String instructions, String speaking, List<ToolSpec> tools) {
        this.name = name;
        this.version = version;
        this.instructions = instructions;
        this.speaking = speaking;
        this.tools = tools;
    }

    /// The names of those that ship.
    public static Set<String> shipped() {
        return new TreeSet<>(SHIPPED.keySet());
    }

    /// Reads the newest version of one that ships, and checks it against the program.
    ///
    /// @throws BugException if they differ: no model may talk to callers
    public static Vertical shipped(String name) {
        return read(shippedText(name));
    }

    static String shippedText(String name) {
        var newest = SHIPPED.get(name);
        if (newest == null) {
            throw new BugException(AgentError.VERTICAL_UNUSABLE, "no such vertical is shipped");
        }
        try (InputStream in = Vertical.class.getResourceAsStream("vertical/%s-%d.json".formatted(name, newest))) {
            if (in == null) {
                throw new BugException(AgentError.VERTICAL_UNUSABLE, "the file of a vertical is not shipped");
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @throws BugException if it is no vertical, or does not fit the program
    static Vertical read(String json) {
        try {
            return read(MAPPER.readTree(json));
        } catch (JacksonException | IllegalArgumentException malformed) {
            // the foreign message quotes the file
            throw new BugException(AgentError.VERTICAL_UNUSABLE, "the vertical is not JSON, or not of its form");
        }
    }

    private static Vertical read(JsonNode tree) {
        var instructions = new ArrayList<String>();
        tree.path("instructions").forEach(line -> instructions.add(line.stringValue("")));
        var speaking = new ArrayList<String>();
        tree.path("speaking").forEach(line -> speaking.add(line.stringValue("")));
        var tools = new ArrayList<ToolSpec>();
        for (JsonNode tool : tree.path("tools")) {
            tools.add(new ToolSpec(
                    tool.path("name").stringValue(""),
                    tool.path("description").stringValue(""),
                    tool.path("parameters").toString()));
        }
        var problems = ToolContract.problems(tools);
        if (instructions.isEmpty()) {
            problems.add("instructions are missing");
        }
        if (!problems.isEmpty()) {
            throw new BugException(
                    AgentError.VERTICAL_UNUSABLE,
                    "the vertical does not fit the program: " + String.join("; ", problems));
        }
        return new Vertical(
                tree.path("vertical").stringValue(""),
                tree.path("version").intValue(0),
                String.join("\n", instructions),
                String.join("\n", speaking),
                List.copyOf(tools));
    }

    /// Name and version, such as `healthcare-1`.
    public String id() {
        return name + "-" + version;
    }

    /// What a model is told at the beginning.
    SensitiveText instructions(String business, ZonedDateTime now) {
        return SensitiveText.of(instructions
                .replace("{{business}}", business)
                .replace("{{today}}", DAY.format(now))
                .replace("{{time}}", TIME.format(now)));
    }

    /// The same, for a model that speaks with its own voice.
    SensitiveText speakingInstructions(String business, ZonedDateTime now) {
        return SensitiveText.of(instructions(business, now).reveal() + "\n" + speaking);
    }

    List<ToolSpec> tools() {
        return tools;
    }
}
