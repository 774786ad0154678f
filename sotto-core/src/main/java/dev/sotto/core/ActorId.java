package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.regex.Pattern;

/// Who did something, as the audit log names it. Holds an id, never a person's name or address.
public record ActorId(Kind kind, String id) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /// What the actor is.
    public enum Kind {
        /// A Sotto node acting by itself.
        NODE,
        /// An agent answering calls, such as the built-in receptionist.
        AGENT,
        /// A signed-in member of staff.
        USER,
        /// A machine with an API key.
        API_KEY,
        /// The person on the line.
        CALLER,
        /// Another party's service, such as a carrier.
        PEER
    }

    public ActorId {
        requireNonNull(kind, "kind");
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "actor id must be 1 to 64 letters, digits, dots, hyphens or underscores");
        }
    }

    /// `kind:id`, lower case kind, such as `agent:receptionist`.
    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-') + ":" + id;
    }
}
