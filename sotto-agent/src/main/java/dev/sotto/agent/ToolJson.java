package dev.sotto.agent;

import static java.util.stream.Collectors.joining;

import dev.sotto.agent.ToolResult.Booking;
import dev.sotto.agent.ToolResult.Offer;
import dev.sotto.agent.ToolResult.Why;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The JSON of tools: arguments in, results out.
final class ToolJson {
    private static final int MAX_CHARACTERS = 4_096;
    private static final SensitiveText NONE = SensitiveText.of("{}");
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ToolJson() {}

    static SensitiveText none() {
        return NONE;
    }

    static SensitiveText argument(String name, String value) {
        return write(Map.of(name, value));
    }

    static SensitiveText identity(SensitiveText birthDate, SensitiveText phoneEnd) {
        return write(Map.of("birth_date", birthDate.reveal(), "phone_last4", phoneEnd.reveal()));
    }

    private static SensitiveText write(Map<String, String> arguments) {
        return SensitiveText.of(MAPPER.writeValueAsString(arguments));
    }

    /// Reads arguments: one object whose values are strings, no name twice, nothing behind it.
    ///
    /// @throws RejectedException if it is anything else; the message holds nothing of it
    static Map<String, String> arguments(SensitiveText json) {
        if (json.length() > MAX_CHARACTERS) {
            throw malformed();
        }
        JsonNode tree;
        try {
            tree = MAPPER.readTree(json.reveal());
        } catch (JacksonException foreign) {
            throw malformed(); // the foreign message quotes its input
        }
        if (!tree.isObject()) {
            throw malformed();
        }
        var arguments = new HashMap<String, String>();
        for (var entry : tree.properties()) {
            if (!entry.getValue().isString()) {
                throw malformed();
            }
            arguments.put(entry.getKey(), entry.getValue().stringValue());
        }
        return arguments;
    }

    private static RejectedException malformed() {
        return new RejectedException(AgentError.MALFORMED_ARGUMENTS, "arguments must be an object of strings");
    }

    /// What a model is told.
    static SensitiveText of(ToolResult result) {
        return SensitiveText.of(
                switch (result) {
                    case ToolResult.Verified _ -> "{\"verified\":true}";
                    case ToolResult.NotVerified _ -> "{\"verified\":false}";
                    case ToolResult.Locked _ -> "{\"verified\":false,\"locked\":true}";
                    case ToolResult.AppointmentFound(Booking booking) -> "{\"appointment\":%s}".formatted(of(booking));
                    case ToolResult.NoAppointment _ -> "{\"appointment\":null}";
                    case ToolResult.Offered(List<Offer> offers) ->
                        offers.stream()
                                .map(offer -> "{\"slot\":\"%s\",\"at\":\"%s\"}".formatted(offer.slot(), offer.at()))
                                .collect(joining(",", "{\"slots\":[", "]}"));
                    case ToolResult.Booked(Booking booking) -> "{\"booked\":%s}".formatted(of(booking));
                    case ToolResult.SlotTaken _ -> error("That time was just taken");
                    case ToolResult.Cancelled _ -> "{\"cancelled\":true}";
                    case ToolResult.NothingToCancel _ -> "{\"cancelled\":false}";
                    case ToolResult.TakingMessage _ -> "{\"taking_message\":true}";
                    case ToolResult.Transferring _ -> "{\"transferring\":true}";
                    case ToolResult.NobodyThere _ -> "{\"transferring\":false}";
                    case ToolResult.Refused(Why why) -> error(text(why));
                    case ToolResult.Unavailable _ -> error("Not available now");
                });
    }

    private static String of(Booking booking) {
        return "{\"id\":\"%s\",\"at\":\"%s\"}".formatted(booking.id(), booking.at());
    }

    private static String error(String text) {
        return "{\"error\":\"" + text + "\"}";
    }

    private static String text(Why why) {
        return switch (why) {
            case IDENTITY_REQUIRED -> "Verify identity first";
            case UNKNOWN_TOOL -> "Unknown tool";
            case UNKNOWN_ARGUMENT -> "Unknown argument";
            case MALFORMED_ARGUMENT -> "Malformed argument";
            case NOT_OFFERED -> "Only what was offered or read in this call";
            case ALREADY_VERIFIED -> "Already verified";
            case TOO_MANY_AT_ONCE -> "Too many at once";
            case NOT_ALLOWED -> "Not allowed";
        };
    }
}
