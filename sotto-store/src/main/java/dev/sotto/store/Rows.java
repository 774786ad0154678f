package dev.sotto.store;

import dev.sotto.core.IdSource;
import dev.sotto.keys.BlindIndex;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// What everything that keeps rows needs.
record Rows(Transactions transactions, Seals seals, BlindIndex blindIndex, Ledger ledger, Clock clock, IdSource ids) {
    /// Now, as precise as rows keep it.
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
