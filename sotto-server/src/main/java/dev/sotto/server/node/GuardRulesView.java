package dev.sotto.server.node;

import dev.sotto.core.DataClass;
import dev.sotto.core.TenantId;
import dev.sotto.guard.Agreement;
import dev.sotto.guard.EntityType;
import dev.sotto.guard.GuardRules;
import dev.sotto.guard.Operator;
import dev.sotto.guard.Rule;
import dev.sotto.guard.SubProcessor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/// The guard's rules as they are shown. Thread-safe.
///
/// @param rules those that count now
/// @param verticals the kind of business of a tenant
record GuardRulesView(Supplier<GuardRules> rules, Function<TenantId, String> verticals) implements GuardView {
    private static final String ANY = "*";
    private static final String STREAM = "stream";

    @Override
    public PolicyView policy(TenantId tenant) {
        var now = rules.get();
        var lines = new ArrayList<PolicyView.Rule>();
        String vertical = verticals.apply(tenant);
        for (Rule rule : now.policy().rules()) {
            if (rule.verticals().isEmpty() || rule.verticals().contains(vertical)) {
                lines(rule, lines);
            }
        }
        return new PolicyView(true, Optional.of(now.label()), Optional.empty(), lines);
    }

    private static void lines(Rule rule, List<PolicyView.Rule> lines) {
        String classes = String.join(
                ", ", rule.dataClasses().stream().map(DataClass::code).sorted().toList());
        String destinations = String.join(", ", rule.destinations());
        String purposes = String.join(", ", rule.purposes());
        Map<String, String> entities = new TreeMap<>();
        for (Map.Entry<EntityType, Operator> entry : rule.entities().entrySet()) {
            entities.put(entry.getKey().name(), word(entry.getValue()));
        }
        rule.otherwise().ifPresent(operator -> entities.put(ANY, word(operator)));
        if (rule.streams()) {
            entities.put(STREAM, "keep");
        }
        entities.forEach((entity, operator) -> lines.add(
                new PolicyView.Rule(rule.id(), classes, entity, destinations, purposes, operator, Optional.empty())));
    }

    private static String word(Operator operator) {
        return operator.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public RegisterView register(TenantId tenant) {
        return new RegisterView(
                true,
                rules.get().register().processors().stream()
                        .map(GuardRulesView::shown)
                        .toList());
    }

    private static RegisterView.Processor shown(SubProcessor processor) {
        return new RegisterView.Processor(
                processor.id(),
                processor.name(),
                processor.dataClasses().stream().map(DataClass::code).sorted().toList(),
                processor.purposes().stream().sorted().toList(),
                processor.region(),
                processor.retention(),
                switch (processor.agreement()) {
                    case Agreement.Signed(var from, var until) ->
                        new RegisterView.Agreement(Optional.of("BAA"), Optional.of(from), Optional.of(until));
                    case Agreement.NotNeeded _ ->
                        new RegisterView.Agreement(Optional.of("not needed"), Optional.empty(), Optional.empty());
                    case Agreement.Absent _ -> RegisterView.Agreement.none();
                });
    }
}
