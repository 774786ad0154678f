package dev.sotto.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.SensitiveText;
import dev.sotto.store.TurnText.Part;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;

/// The bytes of a turn before they are sealed. They repeat the clear columns, so that a turn whose columns were
/// changed does not open. The layout is in `docs/reference/schema.md`.
final class TurnCodec {
    private static final byte VERSION = 1;
    private static final byte CLEAR = 0;
    private static final byte PROTECTED = 1;
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
            out.writeInt(turn.text().parts().size());
            for (Part part : turn.text().parts()) {
                switch (part) {
                    case Part.Clear(String text) -> {
                        out.writeByte(CLEAR);
                        write(out, text);
                    }
                    case Part.Protected(String label, SensitiveText value) -> {
                        out.writeByte(PROTECTED);
                        write(out, label);
                        write(out, value.reveal());
                    }
                }
            }
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
            int count = in.readInt();
            var parts = new ArrayList<Part>();
            for (int i = 0; i < count; i++) {
                parts.add(
                        switch (in.readByte()) {
                            case CLEAR -> new Part.Clear(read(in));
                            case PROTECTED -> new Part.Protected(read(in), SensitiveText.of(read(in)));
                            default -> throw broken(null);
                        });
            }
            return new Decoded(speaker, kind, at, length, new TurnText(parts));
        } catch (IOException e) {
            throw broken(e);
        }
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String read(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("a length points past the end");
        }
        return new String(in.readNBytes(length), UTF_8);
    }

    private static IntegrityException broken(@org.jspecify.annotations.Nullable IOException cause) {
        return new IntegrityException(StoreError.ROW_MISMATCH, "a sealed turn has no known layout", cause);
    }
}
