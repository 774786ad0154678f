package dev.sotto.keys;

import java.security.SecureRandom;

/// Gives the same bytes each time, for vectors only: never seal anything real with it.
final class FixedRandom extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final byte[] bytes;

    FixedRandom(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    @Override
    public void nextBytes(byte[] into) {
        for (int i = 0; i < into.length; i++) {
            into[i] = bytes[i % bytes.length];
        }
    }
}
