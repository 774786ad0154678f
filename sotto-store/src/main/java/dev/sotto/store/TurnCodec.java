package dev.sotto.store;

import dev.sotto.core.IntegrityException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;

/// The bytes of a turn before they are sealed. They repeat the clear columns, so that a turn whose columns were
/// changed does not open. The layout is in `docs/reference/schema.md`.
final class TurnCodec {
    private static final byte VERSION = 1;
    private static final int MAX_BYTES = 256 * 1024;

    private TurnCodec() {}

    static byte[] encode(NewTurn turn) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(turn.speaker().name());
            out.writeUTF(turn.kind().name());
            out.writeLong(turn.at().toMillis());
            out.writeLong(turn.length().toMillis());
            TextCodec.write(out, turn.text());
        } catch (IOException e) {
            throw new IllegalStateException("memory takes every byte", e);
        }
        if (bytes.size() > MAX_BYTES) {
            throw Fields.rejected("text must have at most %d bytes".formatted(MAX_BYTES));
        }
        return bytes.toByteArray();
    }

    /// What a turn says of itself once opened.
    record Decoded(Speaker speaker, TurnKind kind, Duration at, Duration length, TurnText text) {}

    /// @throws IntegrityException if the bytes are no turn
    static Decoded decode(byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readByte() != VERSION) {
                throw broken(null);
            }
            var speaker = Codes.of(Speaker.class, in.readUTF());
            var kind = Codes.of(TurnKind.class, in.readUTF());
            var at = Duration.ofMillis(in.readLong());
            var length = Duration.ofMillis(in.readLong());
            var text = TextCodec.read(in);
            return new Decoded(speaker, kind, at, length, text);
        } catch (IOException e) {
            throw broken(e);
        }
    }

    private static IntegrityException broken(@org.jspecify.annotations.Nullable IOException cause) {
        return new IntegrityException(StoreError.ROW_MISMATCH, "a sealed turn has no known layout", cause);
    }
}
