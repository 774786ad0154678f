package dev.sotto.server.node;

import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// The sub-processor register as it is shown.
///
/// @param installed whether a guard asks it; without one every destination is unknown and denied
public record RegisterView(boolean installed, List<Processor> processors) {
    public RegisterView {
        processors = List.copyOf(processors);
    }

    static RegisterView empty() {
        return new RegisterView(false, List.of());
    }

    /// Somebody who may receive data.
    ///
    /// @param id as policy and audit entries name it
    /// @param dataClasses codes of the data classes they may receive
    /// @param region where they process it
    /// @param retention how long they keep it, in words
    public record Processor(
            String id,
            String name,
            List<String> dataClasses,
            List<String> purposes,
            String region,
            String retention,
            Agreement agreement) {
        public Processor {
            dataClasses = List.copyOf(dataClasses);
            purposes = List.copyOf(purposes);
        }
    }

    /// A business associate agreement.
    ///
    /// @param kind such as `BAA` or `DPA`; empty if there is none
    /// @param from the first day it holds
    /// @param until the last day it holds; empty if it has no end
    public record Agreement(Optional<String> kind, Optional<LocalDate> from, Optional<LocalDate> until) {
        private static final int SOON_DAYS = 30;

        public static Agreement none() {
            return new Agreement(Optional.empty(), Optional.empty(), Optional.empty());
        }

        /// Where it stands on a day.
        public Standing on(LocalDate day) {
            if (kind.isEmpty()) {
                return new Standing.Missing();
            }
            if (from.isPresent() && day.isBefore(from.get())) {
                return new Standing.NotYet(from.get());
            }
            if (until.isEmpty()) {
                return new Standing.Active();
            }
            long left = ChronoUnit.DAYS.between(day, until.get());
            if (left < 0) {
                return new Standing.Expired(until.get());
            }
            return left <= SOON_DAYS ? new Standing.Ending(left) : new Standing.Active();
        }
    }

    /// Whether an agreement holds.
    public sealed interface Standing {
        record Active() implements Standing {}

        /// Holds for so many days more, 0 on the last.
        record Ending(long daysLeft) implements Standing {}

        record NotYet(LocalDate from) implements Standing {}

        record Expired(LocalDate lastDay) implements Standing {}

        record Missing() implements Standing {}
    }
}
