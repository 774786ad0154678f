package dev.sotto.store;

import java.time.Instant;
import java.util.Optional;

/// How far a notice has come on its way to one endpoint.
///
/// @param endpoint its name in the configuration
/// @param attempts how often it was tried since it was last asked for
/// @param nextAttemptAt when it is tried next, while it waits
/// @param lastError why the last attempt failed, or which rule denied it
/// @param finishedAt when it was sent or given up
public record Delivery(
        String endpoint,
        DeliveryState state,
        int attempts,
        Optional<Instant> lastAttemptAt,
        Optional<Instant> nextAttemptAt,
        Optional<String> lastError,
        Optional<Instant> finishedAt) {}
