package dev.sotto.guard;

import dev.sotto.core.DataClass;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One line of a policy: for which acts it holds, and what happens to what is found in them.
///
/// @param id names the decision in audit entries
/// @param verticals the kinds of business it holds for; empty for all
/// @param dataClasses the data classes it holds for
/// @param destinations register ids, or `*`
/// @param purposes purposes, or `*`
/// @param entities what to do with each type of finding
/// @param otherwise what to do with types that are not listed; empty denies
/// @param restore whether tokens of kept types are turned back, and into what
/// @param streams whether media may flow under it
/// @param when a further condition
public record Rule(
        String id,
        Set<String> verticals,
        Set<DataClass> dataClasses,
        List<String> destinations,
        List<String> purposes,
        Map<EntityType, Operator> entities,
        Optional<Operator> otherwise,
        Restore restore,
        boolean streams,
        Condition when) {
    static final String ANY = "*";

    /// What tokens become on their way to somebody who needs the values.
    public enum Restore {
        NEVER,
        /// What the caller said, such as "march fourteenth nineteen eighty four": for a voice.
        AS_SAID,
        /// Its normal form, such as `19840314`: for the arguments of a tool.
        AS_VALUE
    }

    public Rule {
        verticals = Set.copyOf(verticals);
        dataClasses = Set.copyOf(dataClasses);
        destinations = List.copyOf(destinations);
        purposes = List.copyOf(purposes);
        entities = Map.copyOf(entities);
    }

    boolean matches(Act act) {
        return dataClasses.contains(act.dataClass())
                && (verticals.isEmpty() || verticals.contains(act.vertical()))
                && (destinations.contains(act.destination()) || destinations.contains(ANY))
                && (purposes.contains(act.purpose()) || purposes.contains(ANY))
                && (streams || !act.stream())
                && when.holds(act);
    }

    /// What to do with a type: as listed, else as `otherwise` says, else deny. What may not be done to a type becomes
    /// its replacement.
    public Operator operator(EntityType type) {
        Operator listed = entities.getOrDefault(type, otherwise.orElse(Operator.DENY));
        return listed.permittedFor(type) ? listed : Operator.REPLACE;
    }
}
