package dev.sotto.server.node;

import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.Set;

/// What listeners are called and where they are.
final class Addresses {
    private static final Set<String> ANY = Set.of("0.0.0.0", "::");

    private Addresses() {}

    /// Every name a certificate for the listener should hold.
    static Set<String> namesOf(NodeConfig.Listener listener) {
        Set<String> names = new LinkedHashSet<>(Set.of("localhost", "127.0.0.1", "::1"));
        if (!ANY.contains(listener.address())) {
            names.add(listener.address());
        }
        listener.publicUrl().ifPresent(url -> names.add(url.getHost()));
        try {
            String host = InetAddress.getLocalHost().getHostName();
            if (host.matches("[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")) {
                names.add(host);
            }
        } catch (UnknownHostException _) {
            // this machine has no name: the others do
        }
        return names;
    }

    /// What the outside calls the listener.
    static URI publicUrl(NodeConfig.Listener listener, int port) {
        return listener.publicUrl().orElseGet(() -> URI.create("https://localhost:" + port));
    }

    /// The port to bind: `port` itself, or a free one now for 0.
    static int portOrFree(NodeConfig.Listener listener) {
        if (listener.port() != 0) {
            return listener.port();
        }
        try (var socket = new ServerSocket(0, 1, InetAddress.getByName(listener.address()))) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw new UnavailableException(
                    ServerError.ADDRESS_UNUSABLE,
                    "cannot listen on address (%s)".formatted(listener.address()),
                    failure);
        }
    }
}
