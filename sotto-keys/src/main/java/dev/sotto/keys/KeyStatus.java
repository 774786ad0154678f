package dev.sotto.keys;

import dev.sotto.core.TenantId;
import java.time.Duration;
import java.util.UUID;

/// One line of `keys list`. Holds no key material.
///
/// @param name the code of the data class, the purpose, or empty for a tenant key
/// @param retired whether it was replaced and nothing is looked for or opened by it any more
/// @param age since it was made
/// @param recordKeys how many live record keys it wraps; 0 unless it is a class key
public record KeyStatus(
        UUID id,
        TenantId tenant,
        KeyLevel level,
        String name,
        KeyTier tier,
        int version,
        KeyState state,
        boolean retired,
        String algorithm,
        Duration age,
        long recordKeys) {}
