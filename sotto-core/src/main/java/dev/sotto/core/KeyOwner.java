package dev.sotto.core;

import static java.util.Objects.requireNonNull;

/// Whose record key seals something. Destroying that one key makes everything sealed under it unreadable.
public sealed interface KeyOwner {
    /// `call/<id>`, `subject/<id>` or `tenant/<id>`.
    String text();

    /// Data of one call: gone when the call is erased.
    record OfCall(CallId call) implements KeyOwner {
        public OfCall {
            requireNonNull(call, "call");
        }

        @Override
        public String text() {
            return "call/" + call;
        }
    }

    /// Data about one person: gone when the person is erased.
    record OfSubject(SubjectId subject) implements KeyOwner {
        public OfSubject {
            requireNonNull(subject, "subject");
        }

        @Override
        public String text() {
            return "subject/" + subject;
        }
    }

    /// Data of the tenant itself, such as credentials and configuration.
    record OfTenant(TenantId tenant) implements KeyOwner {
        public OfTenant {
            requireNonNull(tenant, "tenant");
        }

        @Override
        public String text() {
            return "tenant/" + tenant;
        }
    }
}
