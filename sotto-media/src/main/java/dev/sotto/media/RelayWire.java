package dev.sotto.media;

import dev.sotto.core.SensitiveText;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The JSON of Twilio's ConversationRelay (twilio.com/docs/voice/twiml/connect/conversationrelay), both ways. Unknown
/// fields are skipped, as the shapes may grow.
final class RelayWire {
    private static final int MAX_PARAMETERS = 32;
    private static final int MAX_PARAMETER_VALUE = 1_024;
    private static final int MAX_SPOKEN = 8_000;
    private static final String KEYS = "0123456789*#";
    private static final JsonMapper MAPPER = JsonMapper.builder(StreamJson.FACTORY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /// What the carrier tells.
    sealed interface Message {
        record Setup(String session, String account, String call, Map<String, SensitiveText> parameters)
                implements Message {}

        /// Something the caller said.
        ///
        /// @param last whether it is what the caller said, and not a guess that another follows
        record Prompt(SensitiveText text, boolean last) implements Message {}

        record Interrupt(SensitiveText heard) implements Message {}

        record Key(char digit) implements Message {}

        record Fault() implements Message {}

        /// Another one, to be ignored.
        record Other() implements Message {}
    }

    private RelayWire() {}

    /// Empty if it is malformed.
    static Optional<Message> read(byte[] utf8) {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(utf8);
        } catch (JacksonException malformed) {
            return Optional.empty();
        }
        if (tree == null || !tree.isObject() || !tree.path("type").isString()) {
            return Optional.empty();
        }
        return switch (tree.path("type").stringValue()) {
            case "setup" -> setup(tree);
            case "prompt" ->
                text(tree, "voicePrompt")
                        .map(text -> new Message.Prompt(text, tree.path("last").booleanValue(true)));
            case "interrupt" ->
                Optional.of(new Message.Interrupt(
                        text(tree, "utteranceUntilInterrupt").orElseGet(() -> SensitiveText.of(""))));
            case "dtmf" -> key(tree.path("digit").stringValue(""));
            case "error" -> Optional.of(new Message.Fault());
            default -> Optional.of(new Message.Other());
        };
    }

    private static Optional<Message> setup(JsonNode tree) {
        String session = tree.path("sessionId").stringValue("");
        String account = tree.path("accountSid").stringValue("");
        String call = tree.path("callSid").stringValue("");
        JsonNode given = tree.path("customParameters");
        if (!Sid.wellFormed(session)
                || !Sid.wellFormed(account)
                || !Sid.wellFormed(call)
                || !given.isObject()
                || given.size() > MAX_PARAMETERS) {
            return Optional.empty();
        }
        var parameters = new HashMap<String, SensitiveText>();
        for (var field : given.properties()) {
            if (!field.getValue().isString() || field.getValue().stringValue().length() > MAX_PARAMETER_VALUE) {
                return Optional.empty();
            }
            parameters.put(field.getKey(), SensitiveText.of(field.getValue().stringValue()));
        }
        return Optional.of(new Message.Setup(session, account, call, parameters));
    }

    private static Optional<SensitiveText> text(JsonNode tree, String field) {
        JsonNode node = tree.path(field);
        return node.isString() && node.stringValue().length() <= MAX_SPOKEN
                ? Optional.of(SensitiveText.of(node.stringValue()))
                : Optional.empty();
    }

    private static Optional<Message> key(String digit) {
        return digit.length() == 1 && KEYS.contains(digit)
                ? Optional.of(new Message.Key(digit.charAt(0)))
                : Optional.empty();
    }

    /// A whole stretch of speech: `last` tells the carrier that it may be spoken.
    static String say(SensitiveText text) {
        return MAPPER.writeValueAsString(MAPPER.createObjectNode()
                .put("type", "text")
                .put("token", text.reveal())
                .put("last", true));
    }

    static String end(String handoff) {
        return MAPPER.writeValueAsString(
                MAPPER.createObjectNode().put("type", "end").put("handoffData", handoff));
    }
}
