package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/// Names one tenant: the business whose callers, keys and records are kept apart from all others.
public record TenantId(UUID value) {
    /// Owns what belongs to the installation and not to a business: node credentials and the keys of the audit log.
    public static final TenantId OPERATOR = new TenantId(new UUID(0, 0));

    public TenantId {
        requireNonNull(value, "value");
    }

    /// Reads the 26-character form.
    ///
    /// @throws RejectedException if `text` is not one
    public static TenantId parse(String text) {
        return new TenantId(TimeOrderedId.parse("tenant id", text));
    }

    @Override
    public String toString() {
        return TimeOrderedId.text(value);
    }
}
