package dev.sotto.kms.vault;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.keys.KmsFailure;
import dev.sotto.keys.KmsFailure.Reason;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads answers and writes requests. Key bytes pass through arrays that can be overwritten, never through a string.
final class VaultJson {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private VaultJson() {}

    /// A JSON object under construction. Names are constants; values are base 64 or escaped.
    static final class Body implements AutoCloseable {
        private final Wiped out = new Wiped();

        Body base64(String name, byte[] value) {
            name(name);
            byte[] text = Base64.getEncoder().encode(value);
            out.write('"');
            out.writeBytes(text);
            out.write('"');
            Arrays.fill(text, (byte) 0);
            return this;
        }

        Body text(String name, CharSequence value) {
            name(name);
            out.writeBytes(MAPPER.writeValueAsBytes(value.toString()));
            return this;
        }

        private void name(String name) {
            out.write(out.size() == 0 ? '{' : ',');
            out.writeBytes(('"' + name + "\":").getBytes(US_ASCII));
        }

        /// The whole object; the caller overwrites it.
        byte[] bytes() {
            out.write(out.size() == 0 ? '{' : ' ');
            out.write('}');
            return out.toByteArray();
        }

        @Override
        public void close() {
            out.wipe();
        }
    }

    private static final class Wiped extends ByteArrayOutputStream {
        Wiped() {
            super(8 * 1024); // enough that it does not grow and leave a copy behind
        }

        void wipe() {
            Arrays.fill(buf, (byte) 0);
        }
    }

    /// The object at `name` of an answer.
    static JsonNode object(byte[] answer, String name) throws KmsFailure {
        try {
            var node = MAPPER.readTree(answer).path(name);
            if (node.isObject()) {
                return node;
            }
        } catch (JacksonException malformed) {
            throw new KmsFailure(Reason.ANSWER_INVALID); // its message quotes the answer: not kept
        }
        throw new KmsFailure(Reason.ANSWER_INVALID);
    }

    static String text(JsonNode object, String name) throws KmsFailure {
        var node = object.path(name);
        if (!node.isString()) {
            throw new KmsFailure(Reason.ANSWER_INVALID);
        }
        return node.asString();
    }

    static boolean truth(JsonNode object, String name) throws KmsFailure {
        var node = object.path(name);
        if (!node.isBoolean()) {
            throw new KmsFailure(Reason.ANSWER_INVALID);
        }
        return node.asBoolean();
    }

    static long number(JsonNode object, String name) throws KmsFailure {
        var node = object.path(name);
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw new KmsFailure(Reason.ANSWER_INVALID);
        }
        return node.asLong();
    }

    /// The bytes of `data.plaintext`; the caller overwrites them.
    static byte[] plaintext(byte[] answer) throws KmsFailure {
        try (var parser = MAPPER.createParser(answer)) {
            boolean inData = false;
            int depth = 0;
            for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
                    depth++;
                } else if (token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY) {
                    depth--;
                } else if (token == JsonToken.PROPERTY_NAME && depth == 1) {
                    inData = "data".equals(parser.currentName());
                } else if (token == JsonToken.VALUE_STRING
                        && depth == 2
                        && inData
                        && "plaintext".equals(parser.currentName())) {
                    return parser.getBinaryValue();
                }
            }
        } catch (JacksonException malformed) {
            throw new KmsFailure(Reason.ANSWER_INVALID);
        }
        throw new KmsFailure(Reason.ANSWER_INVALID);
    }
}
