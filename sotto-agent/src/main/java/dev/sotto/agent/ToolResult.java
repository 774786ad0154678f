package dev.sotto.agent;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Locale;

/// What a tool answered. `ToolJson` gives the form that a model sees.
sealed interface ToolResult {
    /// One word for the audit log and the transcript.
    String word();

    /// An appointment, at the tenant's local time.
    record Booking(String id, LocalDateTime at) {
        @Override
        public String toString() {
            return "Booking[" + id + "]";
        }
    }

    /// A free time that was offered in this call.
    record Offer(String slot, LocalDateTime at) {}

    record Verified() implements ToolResult {
        @Override
        public String word() {
            return "verified";
        }
    }

    /// No match, several matches, a wrong factor and a malformed date are all this.
    record NotVerified(int attemptsLeft) implements ToolResult {
        @Override
        public String word() {
            return "not verified";
        }
    }

    record Locked() implements ToolResult {
        @Override
        public String word() {
            return "locked";
        }
    }

    record AppointmentFound(Booking booking) implements ToolResult {
        @Override
        public String word() {
            return "1 record read";
        }
    }

    record NoAppointment() implements ToolResult {
        @Override
        public String word() {
            return "0 records read";
        }
    }

    record Offered(List<Offer> offers) implements ToolResult {
        public Offered {
            offers = List.copyOf(offers);
        }

        @Override
        public String word() {
            return offers.size() + " offered";
        }
    }

    record Booked(Booking booking) implements ToolResult {
        @Override
        public String word() {
            return "booked";
        }
    }

    record SlotTaken() implements ToolResult {
        @Override
        public String word() {
            return "taken";
        }
    }

    record Cancelled() implements ToolResult {
        @Override
        public String word() {
            return "cancelled";
        }
    }

    /// The appointment was no longer there.
    record NothingToCancel() implements ToolResult {
        @Override
        public String word() {
            return "nothing to cancel";
        }
    }

    record TakingMessage() implements ToolResult {
        @Override
        public String word() {
            return "taking a message";
        }
    }

    record Transferring() implements ToolResult {
        @Override
        public String word() {
            return "transferring";
        }
    }

    record NobodyThere() implements ToolResult {
        @Override
        public String word() {
            return "nobody there";
        }
    }

    /// The tool did not run.
    record Refused(Why why) implements ToolResult {
        @Override
        public String word() {
            return "refused: " + why.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /// The audit log or the store does not answer; nothing may be disclosed.
    record Unavailable() implements ToolResult {
        @Override
        public String word() {
            return "unavailable";
        }
    }

    enum Why {
        IDENTITY_REQUIRED,
        UNKNOWN_TOOL,
        UNKNOWN_ARGUMENT,
        MALFORMED_ARGUMENT,
        NOT_OFFERED,
        ALREADY_VERIFIED,
        TOO_MANY_AT_ONCE,
        NOT_ALLOWED
    }
}
