package dev.sotto.notify;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.TenantId;
import dev.sotto.store.NoticeType;
import dev.sotto.store.Subscription;
import java.util.Set;

/// Somebody who is told.
///
/// @param name what the configuration calls it; deliveries are kept under it
/// @param tenant whose notices it is told
/// @param types what it is told of
/// @param destination the sub-processor's id in the register
/// @param purpose why it is told, as register and policy name it
public record Endpoint(
        String name, TenantId tenant, Set<NoticeType> types, String destination, Purpose purpose, Channel channel) {
    /// Why somebody is told.
    public enum Purpose {
        /// Somebody must look.
        ALERT("alert"),
        /// A system goes on with it.
        WEBHOOK("webhook");

        private final String code;

        Purpose(String code) {
            this.code = code;
        }

        /// As register and policy name it.
        public String code() {
            return code;
        }
    }

    public Endpoint {
        requireNonNull(name, "name");
        requireNonNull(tenant, "tenant");
        types = Set.copyOf(types);
        requireNonNull(destination, "destination");
        requireNonNull(purpose, "purpose");
        requireNonNull(channel, "channel");
    }

    /// What the store keeps deliveries by.
    public Subscription subscription() {
        return new Subscription(name, tenant, types);
    }
}
