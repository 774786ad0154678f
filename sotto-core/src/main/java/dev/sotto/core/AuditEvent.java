package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// One fact to be recorded in the audit log. Holds ids, codes, counts and keyed hashes; never protected data.
///
/// @param type what happened, dotted lower case, such as `call.started`
/// @param tenant whose fact it is; empty for facts about the node itself
/// @param resource what it happened to, as `kind/id`; empty string if nothing
/// @param subjectHash keyed hash of the subject concerned, from [SubjectHasher], if any
/// @param details short values by name; at most 32, names of at most 64 and values of at most 512 characters
public record AuditEvent(
        String type,
        Optional<TenantId> tenant,
        ActorId actor,
        String resource,
        Optional<String> subjectHash,
        Map<String, String> details) {
    private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*){1,3}");
    private static final int MAX_RESOURCE = 128;
    private static final int MAX_DETAILS = 32;
    private static final int MAX_NAME = 64;
    private static final int MAX_VALUE = 512;

    public AuditEvent {
        if (!TYPE.matcher(type).matches()) {
            throw new IllegalArgumentException("audit type must be dotted lower case");
        }
        requireNonNull(tenant, "tenant");
        requireNonNull(actor, "actor");
        requireNonNull(subjectHash, "subjectHash");
        if (resource.length() > MAX_RESOURCE) {
            throw new IllegalArgumentException(
                    "audit resource must have at most %d characters".formatted(MAX_RESOURCE));
        }
        details = checked(details);
    }

    private static Map<String, String> checked(Map<String, String> details) {
        if (details.size() > MAX_DETAILS) {
            throw new IllegalArgumentException("audit details must be at most %d".formatted(MAX_DETAILS));
        }
        details.forEach((name, value) -> {
            if (name.isEmpty() || name.length() > MAX_NAME || value.length() > MAX_VALUE) {
                throw new IllegalArgumentException("audit detail (%.64s) is too long".formatted(name));
            }
        });
        return Collections.unmodifiableMap(new TreeMap<>(details));
    }

    public static Builder of(String type, ActorId actor) {
        return new Builder(type, actor);
    }

    /// Collects the parts of an event. Not thread-safe.
    public static final class Builder {
        private final String type;
        private final ActorId actor;
        private Optional<TenantId> tenant = Optional.empty();
        private Optional<String> subjectHash = Optional.empty();
        private String resource = "";
        private final Map<String, String> details = new TreeMap<>();

        private Builder(String type, ActorId actor) {
            this.type = type;
            this.actor = actor;
        }

        public Builder tenant(TenantId value) {
            tenant = Optional.of(value);
            return this;
        }

        /// What it happened to, such as `resource("call", callId)`.
        public Builder resource(String kind, Object id) {
            resource = kind + "/" + id;
            return this;
        }

        public Builder subjectHash(String value) {
            subjectHash = Optional.of(value);
            return this;
        }

        public Builder detail(String name, Object value) {
            details.put(name, value.toString());
            return this;
        }

        public AuditEvent build() {
            return new AuditEvent(type, tenant, actor, resource, subjectHash, details);
        }
    }
}
