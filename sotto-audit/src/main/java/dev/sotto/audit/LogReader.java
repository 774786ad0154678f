package dev.sotto.audit;

import org.jspecify.annotations.Nullable;

/// A stored log, read once from its first entry to its last. Not thread-safe.
interface LogReader extends AutoCloseable {
    String origin();

    String logId();

    /// Whether tiles are stored beside the entries.
    boolean hasTiles();

    /// Whether its last entry must be covered by a checkpoint, because it does not grow.
    boolean endsSigned();

    /// The next thing; null after the last.
    @Nullable
    LogItem next();

    @Override
    void close();
}
