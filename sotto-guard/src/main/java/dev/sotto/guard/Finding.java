package dev.sotto.guard;

import static java.util.Objects.requireNonNull;

/// One span of a text that may identify a person. Holds positions, never the text itself.
public sealed interface Finding {
    /// UTF-16 code units of the text, start inclusive, end exclusive (the command line counts code points).
    Span span();

    EntityType type();

    /// How sure the detector is, above 0 and at most 1.
    double score();

    /// The name of the detector that found it.
    String detector();

    /// A pattern whose check digits held, such as a card number under Luhn.
    record Checked(Span span, EntityType type, Checksum checksum, String detector) implements Finding {
        public Checked {
            requireNonNull(span, "span");
            requireNonNull(type, "type");
            requireNonNull(checksum, "checksum");
            requireNonNull(detector, "detector");
        }

        @Override
        public double score() {
            return 1;
        }
    }

    /// What form, context or a model suggest.
    record Inferred(Span span, EntityType type, double score, String detector) implements Finding {
        public Inferred {
            requireNonNull(span, "span");
            requireNonNull(type, "type");
            requireNonNull(detector, "detector");
            if (!(score > 0 && score <= 1)) {
                throw new IllegalArgumentException("score (%f) must be above 0 and at most 1".formatted(score));
            }
        }
    }
}
