package dev.sotto.keys;

import java.nio.ByteBuffer;
import java.util.UUID;

/// Joins values so that no two lists of parts give the same bytes.
final class Parts {
    private Parts() {}

    /// Every part as a four-byte big-endian length and its bytes.
    static byte[] lengthPrefixed(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length = Math.addExact(length, Integer.BYTES + part.length);
        }
        var out = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            out.putInt(part.length).put(part);
        }
        return out.array();
    }

    /// The 16 bytes of `id`, most significant first.
    static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }
}
