package dev.sotto.server.node;

import dev.sotto.core.UnavailableException;
import java.util.Map;
import java.util.Set;

/// Stands before the parts of a node, which come up while the web listener already answers. Thread-safe.
public interface NodeGate {
    /// The parts, once all of them are ready.
    ///
    /// @throws UnavailableException before that, and while the node stops
    NodeServices services();

    /// What works now, by the name of the part: `database`, `audit`, `keys`, `media`. Does not block for more than
    /// a second or two.
    Map<String, Boolean> health();

    /// Parts that do not work now although calls are taken without them.
    default Set<String> degraded() {
        return Set.of();
    }
}
