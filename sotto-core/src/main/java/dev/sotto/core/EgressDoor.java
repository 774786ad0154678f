package dev.sotto.core;

/// The only way out: nothing protected is sent unless this said so. Thread-safe; may block until the decision is in the
/// audit log.
public interface EgressDoor {
    /// Decides and records the disclosure before any byte leaves.
    Verdict decide(Disclosure disclosure);

    /// The door of a node without a guard: denies everything.
    static EgressDoor denyAll() {
        return _ -> new Verdict.Denied("no-guard");
    }

    /// What may be sent.
    sealed interface Verdict {
        /// Send `content`, which may differ from what was asked, and nothing else.
        record Allowed(SensitiveText content, String rule) implements Verdict {}

        /// Send nothing. `rule` names why.
        record Denied(String rule) implements Verdict {}
    }
}
