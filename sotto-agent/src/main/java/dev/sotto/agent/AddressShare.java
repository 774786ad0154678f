package dev.sotto.agent;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/// How many chats each address holds. Bounded by how many there are in all. Thread-safe.
final class AddressShare {
    private final int most;
    private final Map<InetAddress, Integer> held = new HashMap<>();

    AddressShare(int most) {
        this.most = most;
    }

    /// False if the address holds as many as it may.
    synchronized boolean enter(InetAddress address) {
        int now = held.getOrDefault(address, 0);
        if (now >= most) {
            return false;
        }
        held.put(address, now + 1);
        return true;
    }

    synchronized void leave(InetAddress address) {
        held.computeIfPresent(address, (_, now) -> now == 1 ? null : now - 1);
    }
}
