package dev.sotto.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.SensitiveText;
import dev.sotto.store.TurnText.Part;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;

/// The bytes of words with protected parts, inside something that is sealed. The layout is in
/// `docs/reference/schema.md`.
final class TextCodec {
    private static final byte CLEAR = 0;
    private static final byte PROTECTED = 1;

    private TextCodec() {}

    static void write(DataOutputStream out, TurnText text) throws IOException {
        out.writeInt(text.parts().size());
        for (Part part : text.parts()) {
            switch (part) {
                case Part.Clear(String clear) -> {
                    out.writeByte(CLEAR);
                    write(out, clear);
                }
                case Part.Protected(String label, SensitiveText value) -> {
                    out.writeByte(PROTECTED);
                    write(out, label);
                    write(out, value.reveal());
                }
            }
        }
    }

    /// @throws IOException if the bytes are no such text
    static TurnText read(DataInputStream in) throws IOException {
        int count = in.readInt();
        var parts = new ArrayList<Part>();
        for (int i = 0; i < count; i++) {
            parts.add(
                    switch (in.readByte()) {
                        case CLEAR -> new Part.Clear(text(in));
                        case PROTECTED -> new Part.Protected(text(in), SensitiveText.of(text(in)));
                        default -> throw new IOException("a part has no known kind");
                    });
        }
        return new TurnText(parts);
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("a length points past the end");
        }
        return new String(in.readNBytes(length), UTF_8);
    }
}
