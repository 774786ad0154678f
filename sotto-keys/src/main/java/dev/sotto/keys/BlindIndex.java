package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.NotFoundException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import java.util.Arrays;
import java.util.regex.Pattern;

/// Keyed hashes of compound, normalised values, by which equal values are found without opening anything. One key a
/// tenant and purpose, so that hashes of two tenants or purposes never compare. Thread-safe; may block.
///
/// Whoever reads the table sees which rows hold equal values, and whoever has the key can try values: index only
/// what is compound or hard to guess, such as birth date with the end of a phone number.
public final class BlindIndex {
    /// The length of a hash, in bytes.
    public static final int LENGTH = 16;

    private static final String LABEL = "sotto-blind-index";
    private static final Pattern PURPOSE = Pattern.compile("[a-z][a-z0-9-]{0,47}");
    private static final int MAX_PARTS = 16;

    private final TenantMac mac;

    BlindIndex(TenantMac mac) {
        this.mac = mac;
    }

    /// An index under a key that never leaves its service, one for all tenants and purposes, which are part of what
    /// is hashed. Its hashes differ from those of [KeyService#blindIndex()]: moving from one to the other means
    /// indexing anew. Each hash is one call of the service.
    public static BlindIndex inside(KmsMac service, KeyUri key) {
        return new BlindIndex(new TokenMac(service, key));
    }

    /// 16 bytes, equal for equal parts in equal order. Normalising is the caller's: what is to be found must be
    /// written the same way each time.
    ///
    /// @param purpose a constant of the code, 1 to 48 lower-case letters, digits and hyphens, never input
    /// @throws NotFoundException if the tenant has no key
    /// @throws UnavailableException if the key cannot be had now
    public byte[] of(TenantId tenant, String purpose, String... normalisedParts) {
        if (!PURPOSE.matcher(purpose).matches()) {
            throw new IllegalArgumentException("purpose must be 1 to 48 lower-case letters, digits or hyphens");
        }
        if (normalisedParts.length == 0 || normalisedParts.length > MAX_PARTS) {
            throw new IllegalArgumentException("normalisedParts must be 1 to %d".formatted(MAX_PARTS));
        }
        byte[] message = message(purpose, normalisedParts);
        try {
            return Arrays.copyOf(mac.of(tenant, "blind-index/" + purpose, message), LENGTH);
        } finally {
            Arrays.fill(message, (byte) 0);
        }
    }

    static byte[] message(String purpose, String... normalisedParts) {
        byte[][] parts = new byte[2 + normalisedParts.length][];
        parts[0] = LABEL.getBytes(US_ASCII);
        parts[1] = purpose.getBytes(US_ASCII);
        for (int i = 0; i < normalisedParts.length; i++) {
            parts[2 + i] = normalisedParts[i].getBytes(UTF_8);
        }
        return Parts.lengthPrefixed(parts);
    }
}
