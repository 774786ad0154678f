package dev.sotto.audit;

import java.util.Optional;

/// One thing that a reader of a stored log comes across, in the order in which the log grew: the tiles that a
/// size completes, then the checkpoints of that size, then the entry with that sequence.
sealed interface LogItem {
    /// Names it for people.
    String where();

    record Entry(StoredEntry entry, String where) implements LogItem {}

    record TileRow(int level, long index, Bytes hashes, Bytes root) implements LogItem {
        @Override
        public String where() {
            return "tile %d/%d".formatted(level, index);
        }
    }

    /// A signed checkpoint.
    ///
    /// @param size under which it is stored
    record Note(long size, Bytes note, String where) implements LogItem {}

    /// How large the log says that it is.
    record End(long size, Optional<MerkleHash> root, String where) implements LogItem {}

    /// Something that cannot be read.
    record Malformed(String where, String why) implements LogItem {}
}
