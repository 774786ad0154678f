package dev.sotto.guard;

import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedCollection;
import java.util.TreeMap;

/// Who may receive protected data at all, whatever a policy says. Immutable.
public final class Register {
    private final String version;
    private final TreeMap<String, SubProcessor> processors;

    Register(String version, Map<String, SubProcessor> processors) {
        this.version = version;
        this.processors = new TreeMap<>(processors);
    }

    /// What its author calls it.
    public String version() {
        return version;
    }

    /// All, by id.
    public SequencedCollection<SubProcessor> processors() {
        return java.util.Collections.unmodifiableSequencedCollection(processors.sequencedValues());
    }

    public Optional<SubProcessor> find(String id) {
        return Optional.ofNullable(processors.get(id));
    }

    /// Why nothing may be sent to the destination of this act on this day; empty if the register allows it.
    Optional<Reason> objection(Act act, LocalDate today) {
        SubProcessor processor = processors.get(act.destination());
        if (processor == null) {
            return Optional.of(Reason.UNKNOWN_DESTINATION);
        }
        if (!processor.dataClasses().contains(act.dataClass())) {
            return Optional.of(Reason.CLASS_NOT_LISTED);
        }
        if (!processor.purposes().contains(act.purpose())) {
            return Optional.of(Reason.PURPOSE_NOT_LISTED);
        }
        return processor.agreement().activeOn(today) ? Optional.empty() : Optional.of(Reason.AGREEMENT_NOT_ACTIVE);
    }
}
