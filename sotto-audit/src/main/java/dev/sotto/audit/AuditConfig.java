package dev.sotto.audit;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

/// How one audit log is kept.
///
/// @param origin names the log in its checkpoints and is the name of its keys, such as
///     `clinic.example/audit/node-1`
/// @param logId names the log in the database
/// @param checkpointDirectory where checkpoints are saved too; must be outside the data directory, and best on
///     another machine's storage: who can roll back both, can roll back the log
/// @param checkpointInterval longest time between checkpoints while the log grows; at most one second
/// @param checkpointHistory how many older checkpoints are kept in the directory
/// @param queueCapacity most appends that may wait; more are refused
/// @param batchSize most entries in one commit
/// @param appendTimeout longest time an append may take before it fails
public record AuditConfig(
        String origin,
        String logId,
        Path checkpointDirectory,
        Duration checkpointInterval,
        int checkpointHistory,
        int queueCapacity,
        int batchSize,
        Duration appendTimeout) {
    private static final Pattern LOG_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(1);
    private static final Duration DEFAULT_INTERVAL = Duration.ofMillis(500);
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);
    private static final int DEFAULT_HISTORY = 64;
    private static final int DEFAULT_QUEUE = 2048;
    private static final int DEFAULT_BATCH = 256;
    private static final int LARGEST_BATCH = 4096;

    public AuditConfig {
        Checkpoint.requireOrigin(origin);
        if (!LOG_ID.matcher(logId).matches()) {
            throw new IllegalArgumentException("logId must be 1 to 64 letters, digits, dots, hyphens or underscores");
        }
        requireNonNull(checkpointDirectory, "checkpointDirectory");
        requirePositive("checkpointInterval", checkpointInterval);
        if (checkpointInterval.compareTo(LONGEST_INTERVAL) > 0) {
            throw new IllegalArgumentException(
                    "checkpointInterval (%s) must be at most PT1S".formatted(checkpointInterval));
        }
        requirePositive("appendTimeout", appendTimeout);
        requireRange("checkpointHistory", checkpointHistory, 1, 100_000);
        requireRange("queueCapacity", queueCapacity, 1, 1_000_000);
        requireRange("batchSize", batchSize, 1, LARGEST_BATCH);
    }

    /// Two checkpoints a second, 64 kept, 2048 waiting appends, 256 a commit, five seconds for an append.
    public static AuditConfig of(String origin, String logId, Path checkpointDirectory) {
        return new AuditConfig(
                origin,
                logId,
                checkpointDirectory,
                DEFAULT_INTERVAL,
                DEFAULT_HISTORY,
                DEFAULT_QUEUE,
                DEFAULT_BATCH,
                DEFAULT_TIMEOUT);
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("%s (%s) must be positive".formatted(name, value));
        }
    }

    private static void requireRange(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("%s (%d) must be %d to %d".formatted(name, value, least, most));
        }
    }
}
