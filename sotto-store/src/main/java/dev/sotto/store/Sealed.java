package dev.sotto.store;

import java.util.Arrays;
import java.util.HexFormat;

/// The sealed bytes of a field. Immutable as long as nobody writes to the arrays it hands to the database driver.
final class Sealed {
    private final byte[] bytes;

    private Sealed(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Takes the array over.
    static Sealed of(byte[] bytes) {
        return new Sealed(bytes);
    }

    /// The array itself.
    byte[] bytes() {
        return bytes;
    }

    /// Lower-case hex of the SHA-256, as the audit entry of the write carries it.
    String digest() {
        return HexFormat.of().formatHex(Seals.sha256().digest(bytes));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sealed that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "sealed (%d bytes)".formatted(bytes.length);
    }
}
