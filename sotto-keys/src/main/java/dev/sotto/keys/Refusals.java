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
        return refuse(cause, "sealed data did not open");
    }

    /// Names the field of a record. Both names are constants of the code.
    IntegrityException refuse(SealedDataException cause, String field, String recordType) {
        return refuse(cause, "field (%s) of a %s did not open".formatted(field, recordType));
    }

    private IntegrityException refuse(SealedDataException cause, String message) {
        meter.count("keys.open.refused");
        meter.count(cause.why().metric());
        return new IntegrityException(KeysError.SEALED_DATA_INVALID, message);
    }
}
