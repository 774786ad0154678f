package dev.sotto.store;

import dev.sotto.core.TenantId;
import dev.sotto.core.UserId;
import java.time.Instant;

/// A session of a signed-in member of staff.
///
/// @param idleUntil when it ends unless used before
/// @param endsAt when it ends however much it is used
public record StaffSession(
        TenantId tenant, UserId user, StaffRole role, Instant startedAt, Instant idleUntil, Instant endsAt) {}
