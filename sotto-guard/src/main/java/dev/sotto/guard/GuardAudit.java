package dev.sotto.guard;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditSink;
import dev.sotto.core.DataClass;
import dev.sotto.core.Disclosure;
import dev.sotto.core.StreamDisclosure;

/// The audit entries of disclosures. Ids, codes and counts; never text. Thread-safe; blocks until durable.
record GuardAudit(AuditSink sink, ActorId actor) {
    static final String ALLOWED = "disclosure.allowed";
    static final String DENIED = "disclosure.denied";
    static final String ENDED = "disclosure.ended";

    void append(AuditEvent event) {
        sink.append(event);
    }

    /// An id as it may be recorded: one that is malformed could hold anything, so it is left out.
    static String shown(String id) {
        return Fields.isId(id) ? id : "-";
    }

    AuditEvent decision(Disclosure disclosure, boolean allowed, String rule, Tally tally, String policy) {
        var event = about(
                        allowed ? ALLOWED : DENIED,
                        disclosure.destination(),
                        disclosure.dataClass(),
                        disclosure.purpose(),
                        rule,
                        policy)
                .tenant(disclosure.tenant())
                .detail("pieces", disclosure.pieces().size())
                .detail("counts", tally.text())
                .detail("restored", tally.restoredCount())
                .detail("unknown_tokens", tally.unknownTokenCount());
        disclosure.call().ifPresent(call -> event.resource("call", call));
        return event.build();
    }

    AuditEvent.Builder stream(String type, StreamDisclosure disclosure, String rule, String policy) {
        var event = about(type, disclosure.destination(), disclosure.dataClass(), disclosure.purpose(), rule, policy)
                .tenant(disclosure.tenant())
                .detail("stream", true);
        disclosure.call().ifPresent(call -> event.resource("call", call));
        return event;
    }

    private AuditEvent.Builder about(
            String type, String destination, DataClass dataClass, String purpose, String rule, String policy) {
        return AuditEvent.of(type, actor)
                .detail("destination", shown(destination))
                .detail("data_class", dataClass.code())
                .detail("purpose", shown(purpose))
                .detail("rule", rule)
                .detail("policy", policy);
    }
}
