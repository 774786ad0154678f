package dev.sotto.store;

/// What a turn consists of.
public enum TurnKind {
    SPEECH,
    KEYPAD,
    PROMPT,
    TOOL,
    /// Typed by the caller, or shown to one who types.
    TEXT
}
