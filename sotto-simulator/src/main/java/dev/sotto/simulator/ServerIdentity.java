package dev.sotto.simulator;

import static java.util.Objects.requireNonNull;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/// The key and certificates that a simulator shows, its own certificate first. Prints without the key.
public record ServerIdentity(PrivateKey key, List<X509Certificate> chain) {
    public ServerIdentity {
        requireNonNull(key, "key");
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("chain must not be empty");
        }
    }

    @Override
    public String toString() {
        return "ServerIdentity[" + key.getAlgorithm() + ", " + chain.size() + " certificates]";
    }
}
