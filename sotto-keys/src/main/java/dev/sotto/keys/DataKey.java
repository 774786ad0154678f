package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/// 32 secret bytes. Prints as `[REDACTED]`, is not serializable, and [#close()] overwrites this copy; the JVM cannot
/// promise that no other copy is left in memory. Thread-safe.
public final class DataKey implements AutoCloseable {
    /// The length of every key, in bytes.
    public static final int LENGTH = 32;

    private final byte[] bytes;
    private boolean closed;

    private DataKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /// A fresh key.
    public static DataKey random(SecureRandom random) {
        byte[] bytes = new byte[LENGTH];
        random.nextBytes(bytes);
        return new DataKey(bytes);
    }

    /// A key of these bytes, copied; the caller clears its own.
    ///
    /// @throws IllegalArgumentException if there are not exactly 32
    public static DataKey copyOf(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("key (%d bytes) must have 32 bytes".formatted(bytes.length));
        }
        return new DataKey(bytes.clone());
    }

    /// A copy of the secret bytes, for ciphers and key services only. The caller clears it.
    ///
    /// @throws IllegalStateException if the key was closed
    public synchronized byte[] reveal() {
        if (closed) {
            throw new IllegalStateException("the key was closed");
        }
        return bytes.clone();
    }

    /// 32 bytes for `label`, the same each time, which tell nothing of the key or of those for another label:
    /// HKDF-Expand (RFC 5869 section 2.3; SP 800-56C) with SHA-256. The caller clears them.
    ///
    /// @throws IllegalStateException if the key was closed
    public byte[] derive(String label) {
        byte[] text = label.getBytes(UTF_8);
        byte[] info = Arrays.copyOf(text, text.length + 1);
        info[text.length] = 1; // the first block's number, and the only one's
        byte[] prk = reveal();
        try {
            return PurposeMac.mac(prk, info);
        } finally {
            Arrays.fill(prk, (byte) 0);
        }
    }

    /// Another key with the same bytes and a life of its own.
    public synchronized DataKey copy() {
        return new DataKey(reveal());
    }

    /// Overwrites the bytes. Closing again does nothing.
    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(bytes, (byte) 0);
    }

    /// Compares in constant time. A closed key equals only itself.
    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof DataKey that)) {
            return false;
        }
        byte[] theirs = that.snapshot();
        byte[] ours = snapshot();
        try {
            return ours.length == LENGTH && theirs.length == LENGTH && MessageDigest.isEqual(ours, theirs);
        } finally {
            Arrays.fill(ours, (byte) 0);
            Arrays.fill(theirs, (byte) 0);
        }
    }

    private synchronized byte[] snapshot() {
        return closed ? new byte[0] : bytes.clone();
    }

    /// The same for every key, so that it tells nothing.
    @Override
    public int hashCode() {
        return LENGTH;
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
