package dev.sotto.guard;

import java.time.LocalDate;

/// On what ground a sub-processor may hold protected data (45 CFR 164.504(e): a business associate agreement).
public sealed interface Agreement {
    /// Whether it covers a disclosure on this day.
    boolean activeOn(LocalDate day);

    /// A signed agreement, in force on both days and between them.
    record Signed(LocalDate from, LocalDate until) implements Agreement {
        public Signed {
            if (until.isBefore(from)) {
                throw new IllegalArgumentException("an agreement must not end before it begins");
            }
        }

        @Override
        public boolean activeOn(LocalDate day) {
            return !day.isBefore(from) && !day.isAfter(until);
        }
    }

    /// Not needed: it runs on machines of the operator, and nobody else gets the data.
    record NotNeeded() implements Agreement {
        @Override
        public boolean activeOn(LocalDate day) {
            return true;
        }
    }

    /// There is none, or it was ended: nothing may be sent.
    record Absent() implements Agreement {
        @Override
        public boolean activeOn(LocalDate day) {
            return false;
        }
    }
}
