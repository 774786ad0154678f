package dev.sotto.model;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.SensitiveText;
import java.util.regex.Pattern;

/// A model's wish that a tool be run. The arguments are the model's words: neither checked nor known to be JSON.
///
/// @param id pairs call and result; `[A-Za-z0-9_.:-]`, 1 to 128
/// @param name a tool that the request declared, or [#UNKNOWN_TOOL]
public record ToolCall(String id, String name, SensitiveText arguments) {
    /// Stands for every tool that the model made up: its name for it is not kept.
    public static final String UNKNOWN_TOOL = "unknown_tool";

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_.:-]{1,128}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    public ToolCall {
        requireId("id", id);
        requireName(name);
        requireNonNull(arguments, "arguments");
    }

    static void requireId(String field, String id) {
        if (!isId(id)) {
            throw new IllegalArgumentException("%s must be 1 to 128 of letters, digits and _.:-".formatted(field));
        }
    }

    static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("name must be 1 to 64 of letters, digits, _ and -");
        }
    }

    static boolean isId(String text) {
        return ID.matcher(text).matches();
    }
}
