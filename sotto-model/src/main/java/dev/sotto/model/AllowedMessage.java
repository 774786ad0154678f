package dev.sotto.model;

/// A message that may be told to a running session: made by [MessageDraft#allowed] only. Immutable.
public final class AllowedMessage {
    private final Message message;

    AllowedMessage(Message message) {
        this.message = message;
    }

    public Message message() {
        return message;
    }
}
