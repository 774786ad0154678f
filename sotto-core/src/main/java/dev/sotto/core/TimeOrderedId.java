package dev.sotto.core;

import java.util.UUID;

/// The text form of a time-ordered id: a UUID of version 7 (RFC 9562 section 5.7) written as 26 characters of
/// Crockford base 32, as ULIDs are, so that ids sort by time both as text and as `uuid`.
final class TimeOrderedId {
    static final int TEXT_LENGTH = 26;
    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int BITS = 5;
    private static final int MASK = 31;

    private TimeOrderedId() {}

    static String text(UUID value) {
        char[] out = new char[TEXT_LENGTH];
        long high = value.getMostSignificantBits();
        long low = value.getLeastSignificantBits();
        for (int i = TEXT_LENGTH - 1; i >= 0; i--) {
            out[i] = ALPHABET.charAt((int) (low & MASK));
            low = (low >>> BITS) | (high << (Long.SIZE - BITS));
            high >>>= BITS;
        }
        return new String(out);
    }

    static UUID parse(String kind, String text) {
        if (text.length() != TEXT_LENGTH) {
            throw malformed(kind);
        }
        long high = 0;
        long low = 0;
        for (int i = 0; i < TEXT_LENGTH; i++) {
            int digit = ALPHABET.indexOf(text.charAt(i));
            if (digit < 0 || (i == 0 && digit > 7)) {
                throw malformed(kind);
            }
            high = (high << BITS) | (low >>> (Long.SIZE - BITS));
            low = (low << BITS) | digit;
        }
        return new UUID(high, low);
    }

    private static RejectedException malformed(String kind) {
        return new RejectedException(CoreError.MALFORMED_ID, kind + " must be 26 characters of Crockford base 32");
    }
}
