package dev.sotto.keys;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;

/// Turns every reason for not opening into the one failure callers see, and counts the reason.
final class Refusals {
    private final Meter meter;

    Refusals(Meter meter) {
        this.meter = meter;
    }

    IntegrityException refuse(SealedDataException cause) {
        meter.count("keys.open.refused");
        meter.count(cause.why().metric());
        return new IntegrityException(KeysError.SEALED_DATA_INVALID, "sealed data did not open");
    }
}
