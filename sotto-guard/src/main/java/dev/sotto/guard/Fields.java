package dev.sotto.guard;

import dev.sotto.core.DataClass;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/// The kinds of values that policies and registers share.
final class Fields {
    static final String ID_RULE = "1 to 48 of a-z, 0-9 and hyphens, beginning with a letter";

    private static final Pattern ID = Pattern.compile("[a-z][a-z0-9-]{0,47}");
    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,47}");
    private static final int MAX_MEMBERS = 64;
    private static final int MAX_TEXT = 200;

    private Fields() {}

    static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    static Optional<String> id(String text) {
        return Optional.of(text).filter(Fields::isId);
    }

    static String version(YamlNode node) {
        return node.required("version")
                .flatMap(version -> version.as(
                        "1 to 48 letters, digits, dots, hyphens or underscores",
                        text -> Optional.of(text)
                                .filter(found -> VERSION.matcher(found).matches())))
                .orElse("");
    }

    /// A list of ids without repeats.
    static Set<String> ids(Optional<YamlNode> node, Function<String, Optional<String>> parser, String rule) {
        var ids = new LinkedHashSet<String>();
        node.ifPresent(found -> found.list(MAX_MEMBERS)
                .forEach(member -> member.as(rule, parser).ifPresent(id -> {
                    if (!ids.add(id)) {
                        member.problem("must not stand twice");
                    }
                })));
        return ids;
    }

    static Set<DataClass> dataClasses(Optional<YamlNode> node) {
        var classes = new HashSet<DataClass>();
        node.ifPresent(found -> found.list(MAX_MEMBERS)
                .forEach(member ->
                        member.as("the code of a data class", Fields::dataClass).ifPresent(classes::add)));
        return classes;
    }

    private static Optional<DataClass> dataClass(String code) {
        for (DataClass dataClass : DataClass.values()) {
            if (dataClass.code().equals(code)) {
                return Optional.of(dataClass);
            }
        }
        return Optional.empty();
    }

    static String text(YamlNode node, String key) {
        return node.required(key)
                .flatMap(found -> found.as(
                        "1 to %d characters".formatted(MAX_TEXT),
                        text -> Optional.of(text.strip())
                                .filter(value -> !value.isEmpty() && value.length() <= MAX_TEXT)))
                .orElse("");
    }
}
