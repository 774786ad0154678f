package dev.sotto.server.web;

import dev.sotto.core.TenantId;
import dev.sotto.server.node.NodeServices;
import dev.sotto.store.Tenant;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// A link that makes a tenant's first administrator, once, within its life. Whoever has it is trusted: print it for
/// the operator only.
public record SetupLink(URI address, Instant expires, TenantId tenant) {
    /// How long a link works.
    public static final Duration LIFE = Duration.ofMinutes(15);

    /// A fresh link for the first tenant that has nobody yet; it ends an earlier link of that tenant.
    public static Optional<SetupLink> offer(NodeServices services, URI dashboard, Clock clock, SecureRandom random) {
        Optional<Tenant> waiting = services.store().tenants().all().stream()
                .filter(tenant -> services.store().staff().setupRequired(tenant.id()))
                .findFirst();
        return waiting.map(tenant -> {
            String token = Tokens.fresh(random);
            Instant expires = clock.instant().plus(LIFE);
            services.store().staff().offerSetup(tenant.id(), Tokens.hash(token), expires, services.actor());
            return new SetupLink(dashboard.resolve("/setup?token=" + token), expires, tenant.id());
        });
    }

    @Override
    public String toString() {
        return "SetupLink[REDACTED]";
    }
}
