package dev.sotto.store;

import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.core.UserId;
import java.time.Instant;

/// A member of a tenant's staff, for signing in.
///
/// @param passwordHash as the caller made it; opaque to the store
public record StaffUser(
        TenantId tenant,
        UserId id,
        SensitiveText email,
        SensitiveText passwordHash,
        StaffRole role,
        Instant createdAt) {}
