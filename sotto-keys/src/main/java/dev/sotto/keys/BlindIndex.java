package dev.sotto.keys;

import dev.sotto.core.TenantId;

/// Keyed hashes of compound, normalised values, for a search by equality.
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class BlindIndex {
    BlindIndex() {}

    /// 16 bytes.
    public byte[] of(TenantId tenant, String purpose, String... normalisedParts) {
        throw new UnsupportedOperationException();
    }
}
