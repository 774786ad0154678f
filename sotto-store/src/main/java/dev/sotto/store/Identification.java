package dev.sotto.store;

import dev.sotto.core.SubjectId;

/// What an identity attempt came to. The database does the same work for each.
public sealed interface Identification {
    /// Exactly one person has this birth date and phone.
    record Matched(SubjectId subject) implements Identification {}

    /// Nobody has, or several have: the caller must not learn which.
    record Unmatched() implements Identification {}

    /// There were too many attempts. Says nothing of whether anybody matched.
    record Locked(Scope scope) implements Identification {}

    /// What there were too many attempts for.
    enum Scope {
        CALL,
        SUBJECT,
        CALLER,
        TENANT
    }
}
