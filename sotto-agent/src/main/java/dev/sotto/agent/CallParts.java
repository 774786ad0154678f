package dev.sotto.agent;

import dev.sotto.core.IdSource;
import dev.sotto.core.Meter;
import java.time.Clock;
import java.util.concurrent.Executor;

/// What all calls of a node share. Thread-safe.
///
/// @param beside runs blocking work of calls, each task on a virtual thread of its own
record CallParts(
        Voice voice,
        ReceptionTimes times,
        CallLimits limits,
        Timers timers,
        Executor beside,
        Clock clock,
        IdSource ids,
        Meter meter) {
    CallParts in(ReceptionTimes otherTimes, CallLimits otherLimits) {
        return new CallParts(voice, otherTimes, otherLimits, timers, beside, clock, ids, meter);
    }
}
