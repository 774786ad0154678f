package dev.sotto.model;

import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// JSON to and from a provider: bounded, and lenient about fields that are not known.
final class WireJson {
    /// A message of any kind is at most this long.
    static final int MAX_MESSAGE_BYTES = 1 << 20;

    private static final int MAX_DEPTH = 32;
    private static final int MAX_TOKENS = 20_000;
    private static final int MAX_NUMBER_CHARACTERS = 64;
    private static final int MAX_NAME_CHARACTERS = 256;

    static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxTokenCount(MAX_TOKENS)
                            .maxDocumentLength(MAX_MESSAGE_BYTES)
                            .maxStringLength(MAX_MESSAGE_BYTES)
                            .maxNumberLength(MAX_NUMBER_CHARACTERS)
                            .maxNameLength(MAX_NAME_CHARACTERS)
                            .build())
                    .build())
            .build();

    private WireJson() {}

    /// The text of `field`, or "" if it is absent or not text.
    static String text(JsonNode node, String field) {
        var value = node.path(field);
        return value.isString() ? value.stringValue() : "";
    }

    /// The number in `field`, or `otherwise` if it is absent or not a whole number within range.
    static long number(JsonNode node, String field, long otherwise) {
        var value = node.path(field);
        return value.isIntegralNumber() && value.canConvertToLong() ? value.longValue() : otherwise;
    }
}
