package dev.sotto.keys;

import dev.sotto.core.SealContext;
import dev.sotto.keys.SealedDataException.Cause;
import java.nio.ByteBuffer;
import java.util.UUID;

/// The bytes before the Cobblestone message: format version and the id of the record key. Both are bound to the
/// message: the version by the associated data, the id because another key fails the commitment.
final class SealedHeader {
    static final int LENGTH = 1 + 2 * Long.BYTES;

    private SealedHeader() {}

    static byte[] of(UUID recordKey) {
        return ByteBuffer.allocate(LENGTH)
                .put(SealContext.FORMAT_VERSION)
                .put(Parts.bytes(recordKey))
                .array();
    }

    /// Reads the id of the record key; moves the position behind the header.
    static UUID read(ByteBuffer sealed) throws SealedDataException {
        if (sealed.remaining() < LENGTH || sealed.get() != SealContext.FORMAT_VERSION) {
            throw new SealedDataException(Cause.HEADER);
        }
        return new UUID(sealed.getLong(), sealed.getLong());
    }
}
