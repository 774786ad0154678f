package dev.sotto.audit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.core.RejectedException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/// The lines of an export. Each thing has exactly one line: reading writes it again and compares. Format:
/// `docs/spec/audit-log.md`, "Export".
final class ExportFormat {
    static final int LARGEST_LINE_BYTES = 1 << 20;
    private static final int VERSION = 1;
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private ExportFormat() {}

    sealed interface Line {}

    /// The first line. Nothing in it is signed.
    record Heading(String origin, String logId, List<String> vkeys) implements Line {}

    record Entry(Bytes header, @Nullable Bytes body, MerkleHash bodyHash, MerkleHash leafHash) implements Line {}

    record Note(String text) implements Line {}

    record End(long size) implements Line {}

    static byte[] write(Line line) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            switch (line) {
                case Heading heading -> {
                    json.writeNumberProperty("sotto_audit_export", VERSION);
                    json.writeStringProperty("origin", heading.origin());
                    json.writeStringProperty("log_id", heading.logId());
                    json.writeName("vkeys");
                    json.writeStartArray();
                    heading.vkeys().forEach(json::writeString);
                    json.writeEndArray();
                }
                case Entry entry -> {
                    Bytes body = entry.body();
                    json.writeStringProperty("header", base64(entry.header().array()));
                    if (body != null) {
                        json.writeStringProperty("body", base64(body.array()));
                    }
                    json.writeStringProperty("body_hash", entry.bodyHash().base64());
                    json.writeStringProperty("leaf_hash", entry.leafHash().base64());
                }
                case Note note -> json.writeStringProperty("checkpoint", note.text());
                case End end -> json.writeNumberProperty("end", end.size());
            }
            json.writeEndObject();
        }
        out.write('\n');
        return out.toByteArray();
    }

    /// Reads a line.
    ///
    /// @param line without its line feed
    /// @throws RejectedException if it is not exactly what [#write(Line)] makes
    static Line read(byte[] line) {
        Line parsed;
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), new String(line, US_ASCII))) {
            parsed = line(fields(json));
        } catch (JacksonException malformed) {
            throw new RejectedException(AuditError.AUDIT_SOURCE, "export line is not JSON", malformed);
        }
        byte[] again = write(parsed);
        if (!Arrays.equals(again, 0, again.length - 1, line, 0, line.length)) {
            throw malformed("is not in its one form");
        }
        return parsed;
    }

    /// Texts and numbers as texts; the only list is `vkeys`.
    private static Map<String, List<String>> fields(JsonParser json) {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw malformed("must be an object");
        }
        Map<String, List<String>> fields = new LinkedHashMap<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            List<String> values = new ArrayList<>();
            if (json.nextToken() == JsonToken.START_ARRAY) {
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    values.add(json.getString());
                }
            } else {
                values.add(json.getString());
            }
            fields.put(name, values);
        }
        if (json.nextToken() != null) {
            throw malformed("has more than one value");
        }
        return fields;
    }

    private static Line line(Map<String, List<String>> fields) {
        if (fields.containsKey("sotto_audit_export")) {
            List<String> vkeys = fields.getOrDefault("vkeys", List.of());
            return new Heading(text(fields, "origin"), text(fields, "log_id"), vkeys);
        }
        if (fields.containsKey("header")) {
            return new Entry(
                    Bytes.owning(bytes(fields, "header")),
                    fields.containsKey("body") ? Bytes.owning(bytes(fields, "body")) : null,
                    hash(fields, "body_hash"),
                    hash(fields, "leaf_hash"));
        }
        if (fields.containsKey("checkpoint")) {
            return new Note(text(fields, "checkpoint"));
        }
        try {
            return new End(Long.parseLong(text(fields, "end")));
        } catch (NumberFormatException notNumber) {
            throw new RejectedException(AuditError.AUDIT_SOURCE, "export line: end must be a number", notNumber);
        }
    }

    private static String text(Map<String, List<String>> fields, String name) {
        return Optional.ofNullable(fields.get(name))
                .filter(values -> values.size() == 1)
                .map(List::getFirst)
                .orElseThrow(() -> malformed("must have one %s".formatted(name)));
    }

    private static byte[] bytes(Map<String, List<String>> fields, String name) {
        return SignedNote.decodeBase64(text(fields, name))
                .orElseThrow(() -> malformed("%s must be base64".formatted(name)));
    }

    private static MerkleHash hash(Map<String, List<String>> fields, String name) {
        byte[] bytes = bytes(fields, name);
        if (bytes.length != MerkleHash.SIZE_BYTES) {
            throw malformed("%s must have 32 bytes".formatted(name));
        }
        return MerkleHash.of(bytes);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static RejectedException malformed(String rule) {
        return new RejectedException(AuditError.AUDIT_SOURCE, "export line " + rule);
    }
}
