package dev.sotto.agent;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.Admission;
import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.DeniedException;
import dev.sotto.core.Disclosure;
import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.Passage;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.core.StreamDisclosure;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.guard.CallGuard;
import dev.sotto.guard.CallGuard.Stretch;
import dev.sotto.guard.EntityType;
import dev.sotto.guard.Guard;
import dev.sotto.store.Turn;
import dev.sotto.store.TurnText;
import dev.sotto.store.TurnText.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// The guard, for one call.
final class GuardedCall implements TurnGuard {
    private static final Map<String, EntityType> TYPES = Arrays.stream(EntityType.values())
            .filter(type -> !type.neverKept())
            .collect(Collectors.toUnmodifiableMap(GuardedCall::label, type -> type));

    private final Guard guard;
    private final CallGuard memory;
    private final TenantId tenant;
    private final Optional<CallId> call;

    private GuardedCall(Guard guard, CallGuard memory, TenantId tenant, CallId call) {
        this.guard = guard;
        this.memory = memory;
        this.tenant = tenant;
        this.call = Optional.of(call);
    }

    /// Has the guard remember a call until it is closed.
    ///
    /// @throws SottoException if it cannot
    static GuardedCall open(Guard guard, TenantId tenant, CallId call) {
        return new GuardedCall(guard, guard.openCall(tenant, call), tenant, call);
    }

    @Override
    public Optional<Verdict.Allowed> decide(
            String destination, DataClass dataClass, String purpose, List<SensitiveText> pieces) {
        return switch (guard.decide(new Disclosure(tenant, call, destination, dataClass, purpose, pieces))) {
            case Verdict.Allowed allowed -> Optional.of(allowed);
            case Verdict.Denied(String rule) -> {
                refuse(rule);
                yield Optional.empty();
            }
        };
    }

    @Override
    public Passage grant(String destination, DataClass dataClass, String purpose) {
        return switch (guard.grant(new StreamDisclosure(tenant, call, destination, dataClass, purpose))) {
            case Admission.Granted(Passage passage, var _) -> passage;
            case Admission.Denied(String rule) -> {
                refuse(rule);
                throw new DeniedException(AgentError.OUT_OF_POLICY, "the guard does not let the caller be heard");
            }
        };
    }

    private static void refuse(String rule) {
        if (Guard.isOutOfPolicy(rule)) {
            throw new DeniedException(AgentError.OUT_OF_POLICY, "nothing may go there now (%s)".formatted(rule));
        }
        if (Guard.isUnrecorded(rule)) {
            throw new UnavailableException(AgentError.DISCLOSURE_UNRECORDED, "a disclosure could not be recorded");
        }
    }

    @Override
    public TurnText heard(SensitiveText text) {
        return shown(text, () -> memory.heard(text));
    }

    @Override
    public TurnText said(SensitiveText text) {
        return shown(text, () -> memory.said(text));
    }

    /// What cannot be read is protected whole.
    private static TurnText shown(SensitiveText text, Supplier<List<Stretch>> reading) {
        var parts = new ArrayList<Part>();
        try {
            for (Stretch stretch : reading.get()) {
                parts.add(
                        switch (stretch) {
                            case Stretch.Clear(SensitiveText clear) -> new Part.Clear(clear.reveal());
                            // A card number is never kept, sealed or not.
                            case Stretch.Found(EntityType type, var _)
                            when type.neverKept() -> new Part.Clear("[%s, not kept]".formatted(label(type)));
                            case Stretch.Found(EntityType type, SensitiveText found) ->
                                new Part.Protected(label(type), found);
                        });
            }
            return new TurnText(parts);
        } catch (SottoException unread) {
            return TurnText.of(new Part.Protected("NOT READ", text));
        }
    }

    /// Reminds the guard of what was found in a turn of this call before.
    void recall(Turn turn) {
        for (Part.Protected hidden : CallText.findable(turn, GuardedCall::isFindable)) {
            memory.recall(requireNonNull(TYPES.get(hidden.label())), hidden.value());
        }
    }

    /// Whether what has this label in a turn is something that the guard can find again.
    static boolean isFindable(String label) {
        return TYPES.containsKey(label);
    }

    static String label(EntityType type) {
        return switch (type) {
            case PERSON -> "NAME";
            case DOB -> "DATE OF BIRTH";
            case CREDIT_CARD -> "CARD NUMBER";
            case CVV -> "CARD CODE";
            case MRN -> "RECORD NUMBER";
            case SSN, ACCOUNT, PHONE, EMAIL, DATE -> type.name();
        };
    }

    @Override
    public void close() {
        memory.close();
    }
}
