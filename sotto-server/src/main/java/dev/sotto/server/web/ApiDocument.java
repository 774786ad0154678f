package dev.sotto.server.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The API's own description, in OpenAPI 3.1, as it is shipped: the bytes that are served, and what of them a page
/// shows. A test holds it against the routes. Immutable.
final class ApiDocument {
    private static final String RESOURCE = "/api/openapi.json";
    private static final Set<String> METHODS = Set.of("get", "post");
    private static final String SCHEMAS = "#/components/schemas/";

    private final byte[] bytes;
    private final String description;
    private final List<Group> groups;
    private final List<Shape> shapes;

    private ApiDocument(byte[] bytes) {
        this.bytes = bytes;
        JsonNode root = JsonMapper.shared().readTree(bytes);
        this.description = text(root.path("info"), "description");
        this.groups = root.path("tags")
                .valueStream()
                .map(tag -> new Group(text(tag, "name"), text(tag, "description"), operations(root, text(tag, "name"))))
                .toList();
        this.shapes = root.path("components")
                .path("schemas")
                .propertyStream()
                .map(schema -> Shape.of(schema.getKey(), schema.getValue()))
                .toList();
    }

    static ApiDocument read() {
        try (InputStream in = ApiDocument.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("the description of the API is not shipped");
            }
            return new ApiDocument(in.readAllBytes());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Operations that belong together.
    record Group(String name, String description, List<Operation> operations) {}

    /// One method of one path.
    record Operation(
            String method,
            String path,
            String summary,
            String description,
            List<Field> parameters,
            List<Answer> answers) {}

    /// A parameter, or a field of a shape.
    ///
    /// @param where `path`, `query` or `header`; empty for a field
    record Field(String name, String where, String type, boolean required, String description) {}

    /// @param shape the name of what comes; empty if it is none of the shapes
    record Answer(String status, String description, String shape) {}

    /// A named schema.
    record Shape(String name, String description, List<Field> fields) {
        static Shape of(String name, JsonNode schema) {
            Set<String> required = Set.copyOf(schema.path("required")
                    .valueStream()
                    .map(JsonNode::asString)
                    .toList());
            return new Shape(
                    name,
                    text(schema, "description"),
                    schema.path("properties")
                            .propertyStream()
                            .map(field -> new Field(
                                    field.getKey(),
                                    "",
                                    type(field.getValue()),
                                    required.contains(field.getKey()),
                                    text(field.getValue(), "description")))
                            .toList());
        }
    }

    private static List<Operation> operations(JsonNode root, String tag) {
        List<Operation> found = new ArrayList<>();
        root.path("paths")
                .propertyStream()
                .forEach(path -> path.getValue()
                        .propertyStream()
                        .filter(method -> METHODS.contains(method.getKey()))
                        .filter(method -> method.getValue()
                                .path("tags")
                                .path(0)
                                .asString("")
                                .equals(tag))
                        .forEach(method ->
                                found.add(operation(root, path.getKey(), method.getKey(), method.getValue()))));
        return found;
    }

    private static Operation operation(JsonNode root, String path, String method, JsonNode operation) {
        return new Operation(
                method.toUpperCase(Locale.ROOT),
                path,
                text(operation, "summary"),
                text(operation, "description"),
                operation
                        .path("parameters")
                        .valueStream()
                        .map(parameter -> resolved(root, parameter))
                        .map(parameter -> new Field(
                                text(parameter, "name"),
                                text(parameter, "in"),
                                type(parameter.path("schema")),
                                parameter.path("required").asBoolean(false),
                                text(parameter, "description")))
                        .toList(),
                operation
                        .path("responses")
                        .propertyStream()
                        .map(answer -> answer(answer.getKey(), resolved(root, answer.getValue())))
                        .toList());
    }

    private static Answer answer(String status, JsonNode answer) {
        String shape = answer.path("content")
                .valueStream()
                .map(content -> type(content.path("schema")))
                .findFirst()
                .orElse("");
        return new Answer(status, text(answer, "description"), shape);
    }

    private static JsonNode resolved(JsonNode root, JsonNode node) {
        String reference = text(node, "$ref");
        return reference.isEmpty() ? node : root.at(reference.substring(1));
    }

    private static String type(JsonNode schema) {
        String reference = text(schema, "$ref");
        if (!reference.isEmpty()) {
            return reference.substring(SCHEMAS.length());
        }
        if (schema.has("enum")) {
            return String.join(
                    " | ",
                    schema.path("enum").valueStream().map(JsonNode::asString).toList());
        }
        String type = text(schema, "type");
        String format = text(schema, "format");
        return switch (type) {
            case "array" -> type(schema.path("items")) + "[]";
            case "object" ->
                schema.has("additionalProperties") ? "map of " + type(schema.path("additionalProperties")) : type;
            default -> format.isEmpty() ? type : type + ", " + format;
        };
    }

    /// The page sets no code apart, so the marks that do are left away.
    private static String text(JsonNode node, String name) {
        return node.path(name).asString("").replace("`", "");
    }

    byte[] bytes() {
        return bytes.clone();
    }

    String description() {
        return description;
    }

    List<Group> groups() {
        return groups;
    }

    List<Shape> shapes() {
        return shapes;
    }
}
