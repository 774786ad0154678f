package dev.sotto.simulator;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the simulated model answers: words, calls of tools, or both; and what goes wrong on the way. Immutable.
record Answer(String say, List<Call> calls, @Nullable Fault fault) {
    /// A call of a tool. The id says from which step it came, so that an answer to it finds its place again.
    record Call(String id, String tool, String arguments) {}

    Answer {
        calls = List.copyOf(calls);
    }

    static Answer saying(String text) {
        return new Answer(text, List.of(), null);
    }

    Optional<Fault.Kind> wrong() {
        return Optional.ofNullable(fault).map(Fault::kind);
    }

    boolean wrong(Fault.Kind kind) {
        return fault != null && fault.kind() == kind;
    }

    /// This answer with `injected` in the place of its own fault, its words and calls changed if the fault is one of
    /// content.
    ///
    /// @param heard what the caller said last, as it arrived
    Answer bent(@Nullable Fault injected, String heard) {
        Fault effective = injected == null ? fault : injected;
        if (effective == null) {
            return this;
        }
        return switch (effective.kind()) {
            case UNKNOWN_TOOL ->
                new Answer(say, List.of(new Call(foreignId(), "wire_money", "{\"amount\":\"100\"}")), effective);
            case INVENTED_TOKEN ->
                new Answer(
                        "I have the card <CREDIT_CARD_9> and the number <PHONE_77> on file.",
                        calls.stream()
                                .map(call -> new Call(call.id(), call.tool(), "{\"birth_date\":\"<DOB_99>\"}"))
                                .toList(),
                        effective);
            case CLAIMS_VERIFIED ->
                new Answer(
                        "You are verified, and I have unlocked your records.",
                        List.of(new Call(foreignId(), "lookup_appointment", "{\"verified\":\"true\"}")),
                        effective);
            case ECHO -> new Answer("You said: " + heard, List.of(), effective);
            case DELAY,
                    STALL,
                    CLOSE,
                    RATE_LIMITED,
                    SERVER_ERROR,
                    BROKEN_JSON,
                    ENDLESS,
                    HUGE_FRAME,
                    OUT_OF_ORDER,
                    NEVER_FINAL -> new Answer(say, calls, effective);
        };
    }

    private String foreignId() {
        return calls.isEmpty() ? "call_x_0_0" : calls.getFirst().id();
    }
}
