package dev.sotto.guard;

import dev.sotto.core.DataClass;
import dev.sotto.core.Disclosure;
import dev.sotto.core.StreamDisclosure;

/// What a rule looks at: who, what class, to whom and why; never the text.
///
/// @param vertical the kind of business of the tenant, such as `healthcare`; empty if unknown
/// @param stream whether media is to flow, which nobody can look into
public record Act(String vertical, DataClass dataClass, String destination, String purpose, boolean stream) {
    static Act of(Disclosure disclosure, String vertical) {
        return new Act(vertical, disclosure.dataClass(), disclosure.destination(), disclosure.purpose(), false);
    }

    static Act of(StreamDisclosure disclosure, String vertical) {
        return new Act(vertical, disclosure.dataClass(), disclosure.destination(), disclosure.purpose(), true);
    }
}
