package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import java.util.List;

/// The only way out: nothing protected is sent unless this said so. Thread-safe; may block until the decision is in the
/// audit log.
public interface EgressDoor {
    /// Decides and records the disclosure before any byte leaves.
    Verdict decide(Disclosure disclosure);

    /// Decides and records the opening of a stream before its first byte leaves.
    Admission grant(StreamDisclosure disclosure);

    /// The door of a node without a guard: denies everything.
    static EgressDoor denyAll() {
        return new EgressDoor() {
            @Override
            public Verdict decide(Disclosure disclosure) {
                return new Verdict.Denied("no-guard");
            }

            @Override
            public Admission grant(StreamDisclosure disclosure) {
                return new Admission.Denied("no-guard");
            }
        };
    }

    /// What may be sent.
    sealed interface Verdict {
        /// Send `pieces`, which may differ from what was asked, and nothing else. As many as were asked about, in the
        /// same order.
        record Allowed(List<SensitiveText> pieces, String rule) implements Verdict {
            public Allowed {
                pieces = List.copyOf(pieces);
                requireNonNull(rule, "rule");
            }
        }

        /// Send nothing. `rule` names why.
        record Denied(String rule) implements Verdict {
            public Denied {
                requireNonNull(rule, "rule");
            }
        }
    }
}
