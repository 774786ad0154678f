package dev.sotto.store;

import dev.sotto.core.ConflictException;
import dev.sotto.core.IdSource;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.BlindIndex;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What everything that keeps rows needs.
record Rows(Transactions transactions, Seals seals, BlindIndex blindIndex, Ledger ledger, Clock clock, IdSource ids) {
    private static final int TRIES = 3;

    /// Seals fields and computes blind indexes, then keeps or searches in one transaction. Does both again if
    /// meanwhile a key they were sealed under was found to be exposed, or one of an index was replaced: the
    /// database takes nothing new under such keys, and a search must have asked for every live one.
    ///
    /// @param sealing seals and hashes outside the transaction and gives what to do inside
    /// @throws UnavailableException if there are rows under index keys that are not here
    <T extends @Nullable Object> T keep(TenantId tenant, Supplier<Transactions.Work<T>> sealing) {
        return attempt(tenant, sealing);
    }

    /// As [#keep], for a search before a tenant is known.
    <T extends @Nullable Object> T search(Supplier<Transactions.Work<T>> hashing) {
        return attempt(null, hashing);
    }

    private <T extends @Nullable Object> T attempt(@Nullable TenantId tenant, Supplier<Transactions.Work<T>> sealing) {
        for (int attempt = 1; ; attempt++) {
            try {
                var work = sealing.get();
                return tenant == null ? transactions.lookup(work) : transactions.in(tenant, work);
            } catch (ConflictException replaced) {
                if (replaced.code() == StoreError.INDEX_KEY_REPLACED) {
                    if (attempt == TRIES) {
                        throw new UnavailableException(
                                StoreError.INDEX_INCOMPLETE,
                                "there are rows under index keys that are not live here",
                                replaced);
                    }
                    blindIndex.forget();
                } else if (replaced.code() != StoreError.RECORD_KEY_REPLACED || attempt == TRIES) {
                    throw replaced;
                } else {
                    seals.forget();
                }
            }
        }
    }

    /// Now, as precise as rows keep it.
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
