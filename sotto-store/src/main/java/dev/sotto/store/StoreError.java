package dev.sotto.store;

import dev.sotto.core.ErrorCode;

/// Why the store refused.
public enum StoreError implements ErrorCode {
    /// The database did not answer in time, or the connection broke: whether the last write holds is unknown.
    DATABASE_UNAVAILABLE,
    /// The database refused a statement of ours: a fault of Sotto.
    DATABASE_STATEMENT,
    /// The same row was changed by somebody else, again and again.
    DATABASE_CONTENTION,
    /// Another node has the directory open.
    DIRECTORY_IN_USE,
    /// The embedded database could not be started.
    DATABASE_START,
    /// The schema is newer than this Sotto, or was changed by hand.
    SCHEMA_UNKNOWN,
    /// The object store did not take or give the bytes.
    OBJECTS_UNAVAILABLE,
    /// An id, a carrier's call id or an address is taken.
    ALREADY_EXISTS,
    /// There is no such row for this tenant.
    NO_SUCH_ROW,
    /// A field breaks its rule.
    FIELD_INVALID,
    /// The call is not in a state that allows it: not connected, or not announced.
    CALL_STATE,
    /// The slot was taken.
    SLOT_TAKEN,
    /// A row and the sealed content in it do not belong together.
    ROW_MISMATCH,
    /// A row was sealed under a record key that was exposed or destroyed meanwhile; nothing was kept.
    RECORD_KEY_REPLACED,
    /// A blind index was computed under a key that is not in use any more; nothing was kept, or nothing was found.
    INDEX_KEY_REPLACED,
    /// There are rows under index keys that are not live here, so that a search could miss somebody; it fails until
    /// they
    /// are computed anew.
    INDEX_INCOMPLETE,
    /// A recording holds less than was durable, or does not open.
    RECORDING_TAMPERED,
    /// A recording that is still being written, or was never finished.
    RECORDING_UNFINISHED
}
