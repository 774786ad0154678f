package dev.sotto.audit;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;

/// A head of the log: what a [SignedCheckpoint] signs. C2SP tlog-checkpoint.
///
/// @param origin which log
/// @param size how many entries it had
/// @param root the Merkle tree hash over them
/// @param tenants the Merkle tree hash over the tenants' heads
public record Checkpoint(String origin, long size, MerkleHash root, MerkleHash tenants) {
    private static final int LONGEST_ORIGIN_BYTES = 255;

    public Checkpoint {
        requireOrigin(origin);
        if (size < 0) {
            throw new IllegalArgumentException("size (%d) must not be negative".formatted(size));
        }
        requireNonNull(root, "root");
        requireNonNull(tenants, "tenants");
    }

    /// An origin is also a key name: no white space, no plus, 1 to 255 bytes.
    static void requireOrigin(String origin) {
        if (!isOrigin(origin)) {
            throw new IllegalArgumentException(
                    "origin must be 1 to 255 bytes without white space, control characters or plus");
        }
    }

    static boolean isOrigin(String origin) {
        int bytes = origin.getBytes(StandardCharsets.UTF_8).length;
        return bytes > 0
                && bytes <= LONGEST_ORIGIN_BYTES
                && origin.codePoints()
                        .noneMatch(c -> c == '+'
                                || Character.isWhitespace(c)
                                || Character.isSpaceChar(c)
                                || Character.isISOControl(c)
                                || Character.getType(c) == Character.SURROGATE);
    }

    /// The text that is signed: origin, size, root and tenants, a line each.
    String noteText() {
        return "%s\n%d\n%s\n%s%s\n".formatted(origin, size, root.base64(), SignedCheckpoint.TENANTS, tenants.base64());
    }
}
