package dev.sotto.notify;

import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.SensitiveText;
import dev.sotto.store.ClaimedDelivery;
import java.time.Instant;
import java.util.List;

/// Writes what an endpoint is told, and sends what the egress door allowed of it. Thread-safe; blocks.
interface Sender extends AutoCloseable {
    /// What would be sent, for the decision.
    List<SensitiveText> pieces(ClaimedDelivery delivery);

    /// Makes one attempt with exactly the pieces that were allowed. Can be interrupted.
    Outcome send(ClaimedDelivery delivery, Verdict.Allowed allowed, Instant now) throws InterruptedException;

    @Override
    default void close() {}
}
