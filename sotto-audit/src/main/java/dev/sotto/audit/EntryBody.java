package dev.sotto.audit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.core.AuditEvent;
import dev.sotto.core.RejectedException;
import java.io.ByteArrayOutputStream;
import java.io.StringWriter;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/// The part of an entry that may be erased: JSON, written once and never again. Only ASCII: every other
/// character, and every lone surrogate, is written as an escape, so that any Java string comes back as it was.
/// Layout: `docs/spec/audit-log.md`, "Body".
final class EntryBody {
    static final int LARGEST_BYTES = 1 << 18;
    private static final int SALT_BYTES = 16;
    private static final int LONGEST_SUBJECT = 128;
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private EntryBody() {}

    /// Writes the body of `event` under a new random salt, which makes its hash unique and keeps it from being
    /// guessed once the body is erased.
    static Bytes write(AuditEvent event, RandomGenerator random) {
        event.subjectHash().ifPresent(subject -> {
            if (subject.length() > LONGEST_SUBJECT) {
                throw new IllegalArgumentException(
                        "audit subject hash must have at most %d characters".formatted(LONGEST_SUBJECT));
            }
        });
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty("salt", HexFormat.of().formatHex(salt));
            json.writeStringProperty("resource", event.resource());
            event.subjectHash().ifPresent(subject -> json.writeStringProperty("subject", subject));
            json.writeName("details");
            json.writeStartObject();
            event.details().forEach(json::writeStringProperty);
            json.writeEndObject();
            json.writeEndObject();
        }
        return Bytes.owning(out.toByteArray());
    }

    /// Reads a body.
    ///
    /// @throws RejectedException if `body` is not one
    static AuditEntry.Body read(Bytes body) {
        String text = new String(body.array(), US_ASCII);
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), text)) {
            require(json.nextToken() == JsonToken.START_OBJECT);
            Map<String, String> texts = new TreeMap<>();
            Map<String, String> details = new TreeMap<>();
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                if (name.equals("details")) {
                    require(json.nextToken() == JsonToken.START_OBJECT);
                    readTexts(json, details);
                } else {
                    texts.put(name, nextText(json));
                }
            }
            require(json.nextToken() == null);
            String resource = texts.remove("resource");
            String salt = texts.remove("salt");
            Optional<String> subject = Optional.ofNullable(texts.remove("subject"));
            require(texts.isEmpty());
            if (resource == null || salt == null) {
                throw malformed();
            }
            return new AuditEntry.Body(resource, subject, details);
        } catch (JacksonException malformed) {
            throw new RejectedException(AuditError.AUDIT_DAMAGED, "entry body is not JSON", malformed);
        }
    }

    private static void readTexts(JsonParser json, Map<String, String> into) {
        while (json.nextToken() != JsonToken.END_OBJECT) {
            into.put(json.currentName(), nextText(json));
        }
    }

    private static String nextText(JsonParser json) {
        require(json.nextToken() == JsonToken.VALUE_STRING);
        return json.getString();
    }

    /// A string as JSON would hold it between quotes, in ASCII: what the column `resource` holds.
    static String escaped(String text) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeString(text);
        }
        String quoted = out.toString();
        return quoted.substring(1, quoted.length() - 1);
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw malformed();
        }
    }

    private static RejectedException malformed() {
        return new RejectedException(
                AuditError.AUDIT_DAMAGED, "entry body must be salt, resource, subject and details");
    }
}
