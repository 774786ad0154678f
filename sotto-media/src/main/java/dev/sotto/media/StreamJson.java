package dev.sotto.media;

import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/// JSON as a stranger may send it: shallow, short, and each field once.
final class StreamJson {
    private static final int MAX_DEPTH = 8;
    private static final int MAX_TOKENS = 2_048;
    private static final int MAX_NUMBER_CHARACTERS = 32;
    private static final int MAX_NAME_CHARACTERS = 128;

    static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxTokenCount(MAX_TOKENS)
                    .maxDocumentLength(EdgeLimits.MAX_FRAME_BYTES)
                    .maxStringLength(EdgeLimits.MAX_FRAME_BYTES)
                    .maxNumberLength(MAX_NUMBER_CHARACTERS)
                    .maxNameLength(MAX_NAME_CHARACTERS)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private StreamJson() {}
}
