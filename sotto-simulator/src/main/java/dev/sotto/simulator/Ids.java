package dev.sotto.simulator;

import java.util.HexFormat;
import java.util.SplittableRandom;

/// Ids in the shape that the real services give, made from a seed: the same seed and order give the same ids. Not
/// thread-safe; each connection has its own.
final class Ids {
    private final String stem;
    private long last;

    /// @param stream which of the seed's sequences, such as the connection's number
    Ids(long seed, long stream) {
        long mixed = new SplittableRandom(seed ^ (stream * 0x9E37_79B9_7F4A_7C15L)).nextLong();
        stem = HexFormat.of().toHexDigits(mixed, 10);
    }

    /// Such as `resp_6f1c09a2b4000001`.
    String next(String prefix) {
        return prefix + stem + HexFormat.of().toHexDigits(++last, 6);
    }
}
