package dev.sotto.store;

import dev.sotto.core.SensitiveText;
import dev.sotto.core.SlotId;
import java.time.Duration;
import java.time.ZonedDateTime;

/// A time that can be booked.
///
/// @param startsAt in the tenant's zone
/// @param provider with whom
public record Slot(SlotId id, ZonedDateTime startsAt, Duration length, SensitiveText provider) {}
