package dev.sotto.guard;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Optional;

/// Reads a sub-processor register. Keys and rules: `docs/guides/policy.md`.
final class RegisterReader {
    private static final int MAX_PROCESSORS = 200;

    private RegisterReader() {}

    static Register read(YamlNode root) {
        root.required("sotto-register")
                .ifPresent(format -> format.as("1", text -> Optional.of(text).filter("1"::equals)));
        String version = Fields.version(root);
        var processors = new LinkedHashMap<String, SubProcessor>();
        root.required("processors")
                .ifPresent(list -> list.list(MAX_PROCESSORS).forEach(node -> {
                    SubProcessor processor = processor(node);
                    if (processors.putIfAbsent(processor.id(), processor) != null) {
                        node.problem("must have an id of its own");
                    }
                }));
        root.noOtherKeys();
        return new Register(version, processors);
    }

    private static SubProcessor processor(YamlNode node) {
        String id = node.required("id")
                .flatMap(found -> found.as(Fields.ID_RULE, Fields::id))
                .orElse(node.path());
        var processor = new SubProcessor(
                id,
                Fields.text(node, "name"),
                Fields.dataClasses(node.required("data")),
                Fields.ids(node.required("purposes"), Fields::id, Fields.ID_RULE),
                Fields.text(node, "region"),
                node.required("agreement").map(RegisterReader::agreement).orElseGet(Agreement.Absent::new),
                Fields.text(node, "retention"));
        node.noOtherKeys();
        return processor;
    }

    private static Agreement agreement(YamlNode node) {
        String status = node.required("status")
                .flatMap(found -> found.as(
                        "one of signed, none, not-needed",
                        text -> Optional.of(text)
                                .filter(word ->
                                        word.equals("signed") || word.equals("none") || word.equals("not-needed"))))
                .orElse("none");
        Agreement agreement = switch (status) {
            case "signed" -> signed(node);
            case "not-needed" -> new Agreement.NotNeeded();
            default -> new Agreement.Absent();
        };
        node.noOtherKeys();
        return agreement;
    }

    private static Agreement signed(YamlNode node) {
        Optional<LocalDate> from = day(node, "from");
        Optional<LocalDate> until = day(node, "until");
        if (from.isEmpty() || until.isEmpty()) {
            return new Agreement.Absent();
        }
        if (until.get().isBefore(from.get())) {
            node.problem("must not end before it begins");
            return new Agreement.Absent();
        }
        return new Agreement.Signed(from.get(), until.get());
    }

    private static Optional<LocalDate> day(YamlNode node, String key) {
        return node.required(key).flatMap(found -> found.as("a day such as 2027-01-31", RegisterReader::parse));
    }

    private static Optional<LocalDate> parse(String text) {
        try {
            return Optional.of(LocalDate.parse(text));
        } catch (DateTimeException malformed) {
            return Optional.empty();
        }
    }
}
