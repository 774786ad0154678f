package dev.sotto.guard;

import dev.sotto.guard.Rule.Restore;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads a policy against the register it goes with. Keys and rules: `docs/guides/policy.md`.
final class PolicyReader {
    private static final int MAX_RULES = 500;

    private PolicyReader() {}

    static Policy read(YamlNode root, Register register) {
        root.required("sotto-policy")
                .ifPresent(format -> format.as("1", text -> Optional.of(text).filter("1"::equals)));
        String version = Fields.version(root);
        var rules = new ArrayList<Rule>();
        Set<String> ids = new HashSet<>();
        root.required("rules")
                .ifPresent(list -> list.list(MAX_RULES).forEach(node -> {
                    Rule rule = rule(node, register);
                    if (!ids.add(rule.id())) {
                        node.problem("must have an id of its own");
                    }
                    rules.add(rule);
                }));
        root.noOtherKeys();
        return new Policy(version, rules);
    }

    private static Rule rule(YamlNode node, Register register) {
        String id = node.required("id")
                .flatMap(found -> found.as(
                        Fields.ID_RULE + ", and no reason of the guard itself",
                        text -> Fields.id(text).filter(word -> !Reason.isCode(word))))
                .orElse(node.path());
        Set<String> verticals = Fields.ids(node.optional("verticals"), Fields::id, Fields.ID_RULE);
        Set<String> destinations = Fields.ids(
                node.required("destinations"),
                text -> Optional.of(text)
                        .filter(word ->
                                word.equals(Rule.ANY) || register.find(word).isPresent()),
                "an id of the register, or *");
        Set<String> purposes = Fields.ids(
                node.required("purposes"),
                text -> text.equals(Rule.ANY) ? Optional.of(text) : Fields.id(text),
                Fields.ID_RULE + ", or *");
        Map<EntityType, Operator> entities = new EnumMap<>(EntityType.class);
        Optional<Operator> otherwise = node.optional("entities").flatMap(found -> entities(found, entities));
        boolean streams = node.optional("streams")
                .flatMap(found -> found.as("true or false", PolicyReader::yesOrNo))
                .orElse(false);
        if (!streams && node.optional("entities").isEmpty()) {
            node.problem("must have the key entities, or streams: true");
        }
        var rule = new Rule(
                id,
                verticals,
                Fields.dataClasses(node.required("data")),
                List.copyOf(destinations),
                List.copyOf(purposes),
                entities,
                otherwise,
                node.optional("restore").flatMap(PolicyReader::restore).orElse(Restore.NEVER),
                streams,
                Condition.ALWAYS);
        node.noOtherKeys();
        return rule;
    }

    /// Fills the operators by type; gives that of the types not listed.
    private static Optional<Operator> entities(YamlNode node, Map<EntityType, Operator> entities) {
        Optional<Operator> otherwise = Optional.empty();
        for (var member : node.members().entrySet()) {
            YamlNode value = member.getValue();
            Optional<Operator> operator = value.as(
                    "one of keep, tokenise, hash, mask-keep-last-4, mask, replace, drop, deny", Operator::ofCode);
            if (member.getKey().equals(Rule.ANY)) {
                otherwise = operator;
                continue;
            }
            Optional<EntityType> type = EntityType.named(member.getKey());
            if (type.isEmpty()) {
                value.problem("must be a known entity type, or *");
            } else if (operator.filter(found -> !found.permittedFor(type.get())).isPresent()) {
                value.problem("must not be %s: cards and check values are never kept"
                        .formatted(operator.get().code()));
            } else {
                operator.ifPresent(found -> entities.put(type.get(), found));
            }
        }
        return otherwise;
    }

    private static Optional<Restore> restore(YamlNode node) {
        return node.as("one of never, as-said, as-value", text -> switch (text) {
            case "never" -> Optional.of(Restore.NEVER);
            case "as-said" -> Optional.of(Restore.AS_SAID);
            case "as-value" -> Optional.of(Restore.AS_VALUE);
            default -> Optional.empty();
        });
    }

    private static Optional<Boolean> yesOrNo(String text) {
        return switch (text) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        };
    }
}
