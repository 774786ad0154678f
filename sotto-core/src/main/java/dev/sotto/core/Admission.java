package dev.sotto.core;

import static java.util.Objects.requireNonNull;

/// Whether a stream may be opened.
public sealed interface Admission {
    /// Send under `passage`, while it is open, and close it at the end.
    record Granted(Passage passage, String rule) implements Admission {
        public Granted {
            requireNonNull(passage, "passage");
            requireNonNull(rule, "rule");
        }
    }

    /// Send nothing. `rule` names why.
    record Denied(String rule) implements Admission {
        public Denied {
            requireNonNull(rule, "rule");
        }
    }
}
