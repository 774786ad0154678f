package dev.sotto.media;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/// The parameters of a webhook, from a form or from the top level of a JSON object. Not checked against any
/// signature yet.
final class RequestBody {
    private static final int MAX_PARAMETERS = 256;

    /// Whether the signature covers the parameters, or else the digest of the body.
    final boolean form;
    final byte[] bytes;
    final Map<String, List<String>> parameters;

    private RequestBody(boolean form, byte[] bytes, Map<String, List<String>> parameters) {
        this.form = form;
        this.bytes = bytes;
        this.parameters = parameters;
    }

    /// Reads a body, or says nothing if it is neither.
    static Optional<RequestBody> read(String contentType, byte[] bytes) {
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return switch (type) {
            case "application/x-www-form-urlencoded" -> form(bytes);
            case "application/json" -> json(bytes);
            default -> Optional.empty();
        };
    }

    /// The value of a parameter that came once, or the empty string.
    String only(String name) {
        var values = parameters.getOrDefault(name, List.of());
        return values.size() == 1 ? values.getFirst() : "";
    }

    private static Optional<RequestBody> form(byte[] bytes) {
        var parameters = new LinkedHashMap<String, List<String>>();
        String text = new String(bytes, UTF_8);
        if (text.isEmpty()) {
            return Optional.of(new RequestBody(true, bytes, parameters));
        }
        String[] pairs = text.split("&", MAX_PARAMETERS + 1);
        if (pairs.length > MAX_PARAMETERS) {
            return Optional.empty();
        }
        try {
            for (String pair : pairs) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : pair.substring(equals + 1);
                parameters
                        .computeIfAbsent(URLDecoder.decode(name, UTF_8), _ -> new ArrayList<>())
                        .add(URLDecoder.decode(value, UTF_8));
            }
        } catch (IllegalArgumentException badEscape) {
            return Optional.empty();
        }
        return Optional.of(new RequestBody(true, bytes, parameters));
    }

    private static Optional<RequestBody> json(byte[] bytes) {
        var parameters = new LinkedHashMap<String, List<String>>();
        try (var parser = StreamJson.FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                if (parser.nextToken().isScalarValue()) {
                    parameters.put(name, List.of(parser.getString()));
                } else {
                    parser.skipChildren();
                }
                if (parameters.size() > MAX_PARAMETERS) {
                    return Optional.empty();
                }
            }
            return parser.nextToken() == null
                    ? Optional.of(new RequestBody(false, bytes, parameters))
                    : Optional.empty();
        } catch (JacksonException notJson) {
            return Optional.empty();
        }
    }
}
