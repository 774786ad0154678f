package dev.sotto.model;

import static java.util.Objects.requireNonNull;

import tools.jackson.core.JacksonException;

/// A tool that a model may ask for. It is part of the program and holds nothing protected, so it does not pass the
/// guard.
///
/// @param name `[A-Za-z0-9_-]`, 1 to 64
/// @param parameters a JSON Schema object, as JSON
public record ToolSpec(String name, String description, String parameters) {
    public ToolSpec {
        ToolCall.requireName(name);
        requireNonNull(description, "description");
        try {
            if (!WireJson.MAPPER.readTree(parameters).isObject()) {
                throw new IllegalArgumentException("parameters of %s must be a JSON object".formatted(name));
            }
        } catch (JacksonException notJson) {
            throw new IllegalArgumentException("parameters of %s must be JSON".formatted(name), notJson);
        }
    }
}
