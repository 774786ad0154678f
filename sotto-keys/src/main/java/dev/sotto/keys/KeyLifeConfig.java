package dev.sotto.keys;

import java.time.Duration;

/// How long keys live, and how slowly they die.
///
/// @param classAge when a class key is replaced; at most 90 days
/// @param classUses or after how many record keys it wrapped
/// @param classBytes or after how many bytes were sealed below it
/// @param tenantAge when a tenant key is replaced, and a root key of this node; at most 366 days
/// @param waiting how long a destruction waits between request and act
/// @param copyLife how long copies of keys live on in backups and write-ahead logs, as the certificate says
/// @param stateAge how old what is known of key states may be where it is polled; then nothing is sealed or opened
public record KeyLifeConfig(
        Duration classAge,
        long classUses,
        long classBytes,
        Duration tenantAge,
        Duration waiting,
        Duration copyLife,
        Duration stateAge) {
    /// The longest a class key may seal.
    public static final Duration MAX_CLASS_AGE = Duration.ofDays(90);
    /// The longest a tenant key may wrap.
    public static final Duration MAX_TENANT_AGE = Duration.ofDays(366);

    public KeyLifeConfig {
        within("classAge", classAge, MAX_CLASS_AGE);
        within("tenantAge", tenantAge, MAX_TENANT_AGE);
        if (classUses < 1 || classBytes < 1) {
            throw new IllegalArgumentException("classUses and classBytes must be positive");
        }
        if (waiting.isNegative() || copyLife.isNegative() || !stateAge.isPositive()) {
            throw new IllegalArgumentException("waiting and copyLife must not be negative, stateAge must be positive");
        }
    }

    private static void within(String name, Duration age, Duration max) {
        if (!age.isPositive() || age.compareTo(max) > 0) {
            throw new IllegalArgumentException("%s (%s) must be positive and at most %s".formatted(name, age, max));
        }
    }

    /// 80 days, so that a node that was down for a week is still in time; 2^20 record keys; 1 TiB; 350 days.
    public static KeyLifeConfig defaults() {
        return new KeyLifeConfig(
                Duration.ofDays(80),
                1L << 20,
                1L << 40,
                Duration.ofDays(350),
                Duration.ofDays(7),
                Duration.ofDays(30),
                Duration.ofSeconds(5));
    }
}
