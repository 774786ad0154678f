package dev.sotto.store;

import dev.sotto.core.CallId;
import dev.sotto.core.TurnId;
import java.time.Duration;

/// A turn as opened from the store.
///
/// @param ordinal its place in the call, from 1, in the order turns were kept
/// @param at when it began, from the start of the call
public record Turn(
        TurnId id,
        CallId call,
        int ordinal,
        Speaker speaker,
        TurnKind kind,
        Duration at,
        Duration length,
        TurnText text) {}
