package dev.sotto.agent;

/// How a model's answer to one turn of the caller ended.
sealed interface AnswerEnd {
    /// It said what it had to say.
    record Said() implements AnswerEnd {}

    /// The guard let something of it not pass. Nothing of what was blocked was sent or said.
    record Blocked() implements AnswerEnd {}

    /// It ran a tool that moves the call on: a person, a message, a lock.
    record Moved(ToolResult result) implements AnswerEnd {}
}
