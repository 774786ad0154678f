package dev.sotto.audit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.core.ActorId;
import dev.sotto.core.RejectedException;
import dev.sotto.core.TenantId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;

/// The part of an entry that is never erased. Layout: `docs/spec/audit-log.md`, "Header".
record EntryHeader(long sequence, long atMillis, TenantId tenant, long tenantSequence, String type, ActorId actor) {
    static final int LONGEST_TYPE = 128;
    private static final byte FORMAT = 1;
    private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*){1,3}");
    private static final int FIXED_BYTES = 1 + 5 * Long.BYTES + 2 * Short.BYTES;

    Bytes encode() {
        byte[] typeBytes = type.getBytes(US_ASCII);
        byte[] actorBytes = actor.toString().getBytes(US_ASCII);
        ByteBuffer out = ByteBuffer.allocate(FIXED_BYTES + typeBytes.length + actorBytes.length)
                .put(FORMAT)
                .putLong(sequence)
                .putLong(atMillis)
                .putLong(tenant.value().getMostSignificantBits())
                .putLong(tenant.value().getLeastSignificantBits())
                .putLong(tenantSequence)
                .putShort((short) typeBytes.length)
                .put(typeBytes)
                .putShort((short) actorBytes.length)
                .put(actorBytes);
        return Bytes.owning(out.array());
    }

    /// Reads a header.
    ///
    /// @throws RejectedException if `header` is not exactly what [#encode()] makes
    static EntryHeader decode(Bytes header) {
        ByteBuffer in = ByteBuffer.wrap(header.array());
        try {
            if (in.get() != FORMAT) {
                throw malformed("format must be 1");
            }
            EntryHeader decoded = new EntryHeader(
                    in.getLong(),
                    in.getLong(),
                    new TenantId(new UUID(in.getLong(), in.getLong())),
                    in.getLong(),
                    text(in),
                    actor(text(in)));
            if (!TYPE.matcher(decoded.type).matches() || !decoded.encode().equals(header)) {
                throw malformed("is not in its one encoding");
            }
            return decoded;
        } catch (BufferUnderflowException cut) {
            throw new RejectedException(AuditError.AUDIT_DAMAGED, "entry header is cut", cut);
        }
    }

    private static String text(ByteBuffer in) {
        int length = Short.toUnsignedInt(in.getShort());
        if (length > in.remaining()) {
            throw malformed("is cut");
        }
        byte[] text = new byte[length];
        in.get(text);
        return new String(text, US_ASCII);
    }

    private static ActorId actor(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw malformed("actor must be kind:id");
        }
        try {
            String kind = text.substring(0, colon).toUpperCase(Locale.ROOT).replace('-', '_');
            return new ActorId(ActorId.Kind.valueOf(kind), text.substring(colon + 1));
        } catch (IllegalArgumentException unknown) {
            throw new RejectedException(AuditError.AUDIT_DAMAGED, "entry header actor is malformed", unknown);
        }
    }

    private static RejectedException malformed(String rule) {
        return new RejectedException(AuditError.AUDIT_DAMAGED, "entry header " + rule);
    }
}
