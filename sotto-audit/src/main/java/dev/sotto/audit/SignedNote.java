package dev.sotto.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.RejectedException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// Text with signature lines under it. C2SP signed-note. Reading is strict: one text, one encoding.
record SignedNote(String text, List<Line> lines) {
    static final int LARGEST_BYTES = 1 << 17;
    private static final int MOST_SIGNATURES = 64;
    private static final String DASH = "— ";
    private static final int ID_BYTES = Integer.BYTES;

    SignedNote {
        lines = List.copyOf(lines);
    }

    /// One signature line: who says to have signed, and base64 of key id and signature.
    record Line(String name, String signature) {
        int keyId() {
            return ByteBuffer.wrap(decoded()).getInt();
        }

        byte[] signatureBytes() {
            byte[] decoded = decoded();
            return Arrays.copyOfRange(decoded, ID_BYTES, decoded.length);
        }

        private byte[] decoded() {
            return Base64.getDecoder().decode(signature);
        }

        static Line of(VerifierKey key, byte[] signature) {
            byte[] bytes = ByteBuffer.allocate(ID_BYTES + signature.length)
                    .putInt(key.id())
                    .put(signature)
                    .array();
            return new Line(key.name(), Base64.getEncoder().encodeToString(bytes));
        }
    }

    /// Reads a note.
    ///
    /// @throws RejectedException if it is not a signed note
    static SignedNote parse(String note) {
        if (note.length() > LARGEST_BYTES) {
            throw malformed("is larger than %d bytes".formatted(LARGEST_BYTES));
        }
        if (note.codePoints().anyMatch(c -> (c < ' ' && c != '\n') || Character.getType(c) == Character.SURROGATE)) {
            throw malformed("holds control characters");
        }
        int split = note.lastIndexOf("\n\n");
        if (split < 0 || !note.endsWith("\n") || split + 2 == note.length()) {
            throw malformed("must be text, an empty line and signature lines");
        }
        List<Line> lines = new ArrayList<>();
        for (String line : note.substring(split + 2, note.length() - 1).split("\n", -1)) {
            lines.add(line(line));
        }
        if (lines.size() > MOST_SIGNATURES) {
            throw malformed("has more than %d signatures".formatted(MOST_SIGNATURES));
        }
        return new SignedNote(note.substring(0, split + 1), lines);
    }

    static SignedNote parse(byte[] note) {
        try {
            return parse(UTF_8.newDecoder().decode(ByteBuffer.wrap(note)).toString());
        } catch (CharacterCodingException notText) {
            throw new RejectedException(AuditError.AUDIT_CHECKPOINT, "signed note is not UTF-8", notText);
        }
    }

    private static Line line(String line) {
        String[] parts = line.split(" ", -1);
        if (!line.startsWith(DASH) || parts.length != 3 || !Checkpoint.isOrigin(parts[1])) {
            throw malformed("signature line must be a dash, a name and base64");
        }
        if (decodeBase64(parts[2]).filter(bytes -> bytes.length > ID_BYTES).isEmpty()) {
            throw malformed("signature is not base64 of a key id and a signature");
        }
        return new Line(parts[1], parts[2]);
    }

    /// What [#parse(String)] reads.
    String format() {
        StringBuilder note = new StringBuilder(text).append('\n');
        lines.forEach(line -> note.append(DASH)
                .append(line.name())
                .append(' ')
                .append(line.signature())
                .append('\n'));
        return note.toString();
    }

    /// RFC 4648 section 4, with padding and no stray bits: each value has one text.
    static Optional<byte[]> decodeBase64(String text) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            return Base64.getEncoder().encodeToString(bytes).equals(text) ? Optional.of(bytes) : Optional.empty();
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    private static RejectedException malformed(String rule) {
        return new RejectedException(AuditError.AUDIT_CHECKPOINT, "signed note " + rule);
    }
}
