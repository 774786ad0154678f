package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.TenantId;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/// Keyed hashes of compound, normalised values, by which equal values are found without opening anything. One key a
/// tenant and purpose, so that hashes of two tenants or purposes never compare. Thread-safe; may block.
///
/// While a key is being replaced two versions are live: new rows take [#of], searches ask for each of [#all], and
/// what is under the older one is computed anew meanwhile, see [IndexKeys].
///
/// Whoever sees the table sees which rows hold equal values, and whoever has the key can try values: index only
/// what is compound or hard to guess, such as birth date with the end of a phone number.
///
/// Every method throws [NotFoundException] if the tenant has no key, and [UnavailableException] if a live key cannot
/// be had now, such as one in a token that does not answer or one that was revoked: nothing is looked for then.
public final class BlindIndex {
    /// The length of a hash, in bytes.
    public static final int LENGTH = 16;

    private static final String LABEL = "sotto-blind-index";
    private static final Pattern PURPOSE = Pattern.compile("[a-z][a-z0-9-]{0,47}");
    private static final int MAX_PARTS = 16;

    private final IndexKeys keys;

    BlindIndex(IndexKeys keys) {
        this.keys = keys;
    }

    /// The hash under the newest key, equal for equal parts in equal order. Normalising is the caller's: what is to be
    /// found must be written the same way each time.
    ///
    /// @param purpose a constant of the code, 1 to 48 lower-case letters, digits and hyphens, never input
    public IndexValue of(TenantId tenant, String purpose, String... normalisedParts) {
        return hashed(tenant, purpose, normalisedParts, live -> live.subList(0, 1))
                .getFirst();
    }

    /// The hash under each live key, newest first; one, or two while the key is being replaced.
    public List<IndexValue> all(TenantId tenant, String purpose, String... normalisedParts) {
        return hashed(tenant, purpose, normalisedParts, live -> live);
    }

    /// The hash under the newest live key that was made no later than `since`, else under the oldest live one: the same
    /// on every node and for as long as that key lives. For counters of a time that began at `since`.
    public IndexValue at(TenantId tenant, Instant since, String purpose, String... normalisedParts) {
        return hashed(
                        tenant,
                        purpose,
                        normalisedParts,
                        live -> List.of(live.stream()
                                .filter(key -> !key.madeAt().isAfter(since))
                                .findFirst()
                                .orElse(live.getLast())))
                .getFirst();
    }

    /// Makes the next hash ask anew which keys are live.
    public void forget() {
        keys.forgetAll();
    }

    private List<IndexValue> hashed(
            TenantId tenant,
            String purpose,
            String[] normalisedParts,
            Function<List<IndexKeys.Live>, List<IndexKeys.Live>> chosen) {
        var slot = IndexKeys.slot(tenant, purpose(purpose));
        if (normalisedParts.length == 0 || normalisedParts.length > MAX_PARTS) {
            throw new IllegalArgumentException("normalisedParts must be 1 to %d".formatted(MAX_PARTS));
        }
        byte[] message = message(purpose, normalisedParts);
        try {
            return hashed(slot, message, chosen);
        } catch (IntegrityException ended) {
            keys.forget(tenant); // a version may have ended since it was listed
            return hashed(slot, message, chosen);
        } finally {
            Arrays.fill(message, (byte) 0);
        }
    }

    private List<IndexValue> hashed(
            KeySlot slot, byte[] message, Function<List<IndexKeys.Live>, List<IndexKeys.Live>> chosen) {
        return chosen.apply(keys.live(slot)).stream()
                .map(key -> new IndexValue(key.id(), Arrays.copyOf(keys.mac(slot, key, message), LENGTH)))
                .toList();
    }

    static String purpose(String purpose) {
        if (!PURPOSE.matcher(purpose).matches()) {
            throw new IllegalArgumentException("purpose must be 1 to 48 lower-case letters, digits or hyphens");
        }
        return purpose;
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
