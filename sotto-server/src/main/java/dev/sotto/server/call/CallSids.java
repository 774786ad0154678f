package dev.sotto.server.call;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/// The carrier's names of one call: two letters and 32 hex digits each.
record CallSids(String account, String call, String stream) {
    private static final int BYTES = 16;

    static CallSids fresh(String account, RandomGenerator random) {
        return new CallSids(account, "CA" + hex(random), "MZ" + hex(random));
    }

    private static String hex(RandomGenerator random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
