package dev.sotto.guard;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.ActorId;
import dev.sotto.core.Meter;
import dev.sotto.core.TenantId;
import java.time.Clock;
import java.util.function.Function;
import java.util.function.LongSupplier;

/// What a guard works with. Begin with [#of] and change what should differ.
///
/// @param actor whom audit entries name
/// @param hashKey the key of the operator `hash`
/// @param limits what it takes on at most
/// @param detection what looks at the texts
/// @param verticals the kind of business of a tenant, such as `healthcare`; an empty string if unknown
/// @param onDenial is told of each denial
/// @param meter `guard.turn`, `guard.allowed`, `guard.denied` and others
/// @param clock says which day it is, in its zone
/// @param nanos monotonic nanoseconds
public record GuardParts(
        ActorId actor,
        HashKey hashKey,
        GuardLimits limits,
        Detection detection,
        Function<TenantId, String> verticals,
        DenialListener onDenial,
        Meter meter,
        Clock clock,
        LongSupplier nanos) {
    public GuardParts {
        requireNonNull(actor, "actor");
        requireNonNull(hashKey, "hashKey");
        requireNonNull(limits, "limits");
        requireNonNull(detection, "detection");
        requireNonNull(verticals, "verticals");
        requireNonNull(onDenial, "onDenial");
        requireNonNull(meter, "meter");
        requireNonNull(clock, "clock");
        requireNonNull(nanos, "nanos");
    }

    /// Standard limits and detection, every tenant of this vertical, no alerts.
    public static GuardParts of(ActorId actor, HashKey hashKey, String vertical, Meter meter, Clock clock) {
        return new GuardParts(
                actor,
                hashKey,
                GuardLimits.defaults(),
                Detection.standard(),
                _ -> vertical,
                _ -> {},
                meter,
                clock,
                System::nanoTime);
    }

    String vertical(TenantId tenant) {
        return verticals.apply(tenant);
    }

    public GuardParts with(GuardLimits other) {
        return new GuardParts(actor, hashKey, other, detection, verticals, onDenial, meter, clock, nanos);
    }

    public GuardParts with(Detection other) {
        return new GuardParts(actor, hashKey, limits, other, verticals, onDenial, meter, clock, nanos);
    }

    public GuardParts with(DenialListener other) {
        return new GuardParts(actor, hashKey, limits, detection, verticals, other, meter, clock, nanos);
    }

    /// With the vertical of each tenant.
    public GuardParts withVerticals(Function<TenantId, String> other) {
        return new GuardParts(actor, hashKey, limits, detection, other, onDenial, meter, clock, nanos);
    }
}
