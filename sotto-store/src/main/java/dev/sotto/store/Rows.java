package dev.sotto.store;

import dev.sotto.core.ConflictException;
import dev.sotto.core.IdSource;
import dev.sotto.core.TenantId;
import dev.sotto.keys.BlindIndex;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What everything that keeps rows needs.
record Rows(Transactions transactions, Seals seals, BlindIndex blindIndex, Ledger ledger, Clock clock, IdSource ids) {
    private static final int TRIES = 3;

    /// Seals fields, then keeps them in one transaction. Does both again if meanwhile a key they were
    /// sealed under was found to be exposed: the database takes nothing new under such a key.
    ///
    /// @param sealing seals outside the transaction and gives what to do inside
    <T extends @Nullable Object> T keep(TenantId tenant, Supplier<Transactions.Work<T>> sealing) {
        for (int attempt = 1; ; attempt++) {
            try {
                return transactions.in(tenant, sealing.get());
            } catch (ConflictException replaced) {
                if (replaced.code() != StoreError.RECORD_KEY_REPLACED || attempt == TRIES) {
                    throw replaced;
                }
                seals.forget();
            }
        }
    }

    /// Now, as precise as rows keep it.
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
