package dev.sotto.core;

/// The right to send one stream of protected media. Thread-safe; only [#close()] may block.
public interface Passage extends AutoCloseable {
    /// Whether sending is still allowed. Asked before each piece, so it is cheap; once false it stays false.
    boolean open();

    /// Counts what was sent, such as one frame of 160 bytes.
    void sent(long units, long bytes);

    /// Ends the right and records what was sent under it. The second and later calls do nothing.
    ///
    /// @throws UnavailableException if the totals may not be durable; the passage is closed nevertheless
    @Override
    void close();
}
