package dev.sotto.keys;

/// Why sealed bytes did not open. Stays inside this module: the cause is counted, callers see one failure for all.
final class SealedDataException extends Exception {
    private static final long serialVersionUID = 1L;

    /// What was wrong, for the meter only.
    enum Cause {
        /// The format version or the header.
        HEADER("keys.open.refused.header"),
        /// No message has that length.
        LENGTH("keys.open.refused.length"),
        /// There is no such record key: destroyed, another tenant's, or never made.
        KEY_ABSENT("keys.open.refused.key-absent"),
        /// The record key belongs to another data class or owner.
        KEY_MISMATCH("keys.open.refused.key-mismatch"),
        /// The record key or one above it did not unwrap.
        KEY_INVALID("keys.open.refused.key-invalid"),
        /// Another key or another context.
        COMMITMENT("keys.open.refused.commitment"),
        /// A chunk was altered, moved or cut.
        CHUNK("keys.open.refused.chunk");

        private final String metric;

        Cause(String metric) {
            this.metric = metric;
        }

        String metric() {
            return metric;
        }
    }

    private final Cause why;

    SealedDataException(Cause why) {
        super("sealed data did not open", null, false, false);
        this.why = why;
    }

    Cause why() {
        return why;
    }
}
