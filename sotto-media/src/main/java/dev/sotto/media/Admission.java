package dev.sotto.media;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts sockets against [EdgeLimits]. The map of addresses never has more entries than there are sockets.
/// Thread-safe.
final class Admission {
    private final EdgeLimits limits;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger unauthenticated = new AtomicInteger();
    private final ConcurrentMap<InetAddress, Held> byAddress = new ConcurrentHashMap<>();

    Admission(EdgeLimits limits) {
        this.limits = limits;
    }

    /// The sockets of one address.
    private record Held(int all, int unauthenticated) {
        static final Held NONE = new Held(0, 0);

        Held entered() {
            return new Held(all + 1, unauthenticated + 1);
        }

        Held authenticated() {
            return new Held(all, unauthenticated - 1);
        }

        Held left(boolean wasAuthenticated) {
            return new Held(all - 1, wasAuthenticated ? unauthenticated : unauthenticated - 1);
        }
    }

    /// Takes a place, which counts as unauthenticated; false, and nothing taken, if there is none.
    boolean enter(InetAddress address) {
        if (!take(connections, limits.maxConnections())) {
            return false;
        }
        if (!take(unauthenticated, limits.maxUnauthenticated())) {
            connections.decrementAndGet();
            return false;
        }
        boolean[] admitted = {false};
        byAddress.compute(address, (_, held) -> {
            Held now = held == null ? Held.NONE : held;
            admitted[0] = now.all() < limits.maxConnectionsPerAddress()
                    && now.unauthenticated() < limits.maxUnauthenticatedPerAddress();
            return admitted[0] ? now.entered() : held;
        });
        if (!admitted[0]) {
            connections.decrementAndGet();
            unauthenticated.decrementAndGet();
        }
        return admitted[0];
    }

    /// The socket is an accepted stream now.
    void authenticated(InetAddress address) {
        unauthenticated.decrementAndGet();
        byAddress.computeIfPresent(address, (_, held) -> held.authenticated());
    }

    void leave(InetAddress address, boolean wasAuthenticated) {
        connections.decrementAndGet();
        if (!wasAuthenticated) {
            unauthenticated.decrementAndGet();
        }
        byAddress.computeIfPresent(address, (_, held) -> held.all() > 1 ? held.left(wasAuthenticated) : null);
    }

    int connections() {
        return connections.get();
    }

    int unauthenticatedConnections() {
        return unauthenticated.get();
    }

    int addresses() {
        return byAddress.size();
    }

    private static boolean take(AtomicInteger places, int limit) {
        int held = places.get();
        while (held < limit) {
            int seen = places.compareAndExchange(held, held + 1);
            if (seen == held) {
                return true;
            }
            held = seen;
        }
        return false;
    }
}
