package dev.sotto.media;

import dev.sotto.core.SensitiveText;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// What a visitor is sent. Written down in `docs/reference/chat.md`.
public sealed interface ChatFrame {
    /// The first frame on every socket.
    ///
    /// @param resume the token with which another socket goes on with this chat
    /// @param resumeWithin how long after the loss of a socket that is possible
    /// @param business who is written to
    /// @param scripted whether the answers come from a script, for show
    record Hello(SensitiveText resume, Duration resumeWithin, String business, boolean scripted) implements ChatFrame {}

    /// The visitor's message is sealed and kept.
    record Ack(String id) implements ChatFrame {}

    /// Words of the agent.
    ///
    /// @param number counts the frames that are repeated to a socket that resumes
    record Said(long number, SensitiveText text) implements ChatFrame {}

    /// A tool was used.
    record Tool(long number, String name) implements ChatFrame {}

    /// Whether the agent is at work on an answer.
    record Working(boolean now) implements ChatFrame {}

    /// The chat is over.
    ///
    /// @param phone where a person answers, if the visitor is passed on
    record Ended(long number, Reason reason, Optional<String> phone) implements ChatFrame {}

    /// A message that was not taken; sent again, under the same id, it may be.
    ///
    /// @param id of the message, or empty
    record NotTaken(Fault fault, String id) implements ChatFrame {}

    /// How a chat ended.
    enum Reason {
        COMPLETED,
        MESSAGE_LEFT,
        TRANSFERRED,
        LEFT,
        FAILED;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Why a message was not taken.
    enum Fault {
        BAD_MESSAGE,
        TEXT_TOO_LONG,
        TOO_FAST,
        TOO_MANY_MESSAGES;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
