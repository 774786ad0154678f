package dev.sotto.agent;

import dev.sotto.core.SensitiveText;

/// Whoever shows or speaks the agent's words to the caller. Thread-safe; no method blocks.
interface TextPeer {
    /// Takes words to show or speak after those before.
    ///
    /// @param decided whether the guard has allowed these words to go there
    void say(SensitiveText words, boolean decided);

    /// Whether the agent is about to say something that takes its time.
    default void working(boolean now) {}

    /// A tool is done.
    default void tool(String name) {}

    /// The call is over.
    void close();
}
