package dev.sotto.agent;

import dev.sotto.agent.ToolResult.Booking;
import dev.sotto.agent.ToolResult.Offer;
import dev.sotto.core.SensitiveText;
import dev.sotto.store.CallOutcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a call with the receptionist stands. A value; never printed with what the caller keyed.
///
/// @param entry the keys of the answer that is being typed; while announcing, the keys typed ahead
/// @param star whether the last key was a star
/// @param misses times in a row without a usable answer
/// @param birthDate the first factor, once entered
/// @param generation the number of the turn; answers to older ones are discarded
/// @param verified whether the gate said so; decides only what is said, the gate itself decides what is done
/// @param talks whether a model is to talk with the caller; false once the keypad took over
/// @param appointmentKnown whether `appointment` was read since it last may have changed
record ReceptionState(
        Phase phase,
        SensitiveText entry,
        boolean star,
        int misses,
        SensitiveText birthDate,
        long generation,
        boolean verified,
        boolean appointmentKnown,
        @Nullable Booking appointment,
        List<Offer> offers,
        boolean recording,
        boolean messageLeft,
        boolean talks) {

    /// What the receptionist is doing.
    enum Phase {
        CONNECTED,
        ANNOUNCING,
        /// A model talks with the caller; the receptionist listens for keys and for trouble.
        TALKING,
        BIRTH_DATE,
        FACTOR,
        CHECKING,
        LOOKING_UP,
        MENU,
        CONFIRM_CANCEL,
        CANCELLING,
        FINDING_OFFERS,
        CHOOSING,
        BOOKING,
        OPENING_MESSAGE,
        MESSAGE_INTRO,
        IN_MESSAGE,
        KEEPING_MESSAGE,
        ASKING_PERSON,
        TRANSFERRING,
        CLOSING,
        TROUBLE,
        OVER;

        /// Whether the caller is asked for something.
        boolean asks() {
            return switch (this) {
                case BIRTH_DATE, FACTOR, MENU, CONFIRM_CANCEL, CHOOSING -> true;
                default -> false;
            };
        }

        /// Whether the call can only end from here.
        boolean last() {
            return switch (this) {
                case TRANSFERRING, CLOSING, TROUBLE, OVER -> true;
                default -> false;
            };
        }
    }

    static final SensitiveText NOTHING = SensitiveText.of("");

    ReceptionState {
        offers = List.copyOf(offers);
    }

    /// @param talks whether a model is to talk with the caller
    static ReceptionState start(boolean recording, boolean talks) {
        return new ReceptionState(
                Phase.CONNECTED, NOTHING, false, 0, NOTHING, 0, false, false, null, List.of(), recording, false, talks);
    }

    /// What a call came to whose line ended now.
    ///
    /// @param clean whether the caller ended it
    CallOutcome endedBy(boolean clean) {
        if (phase == Phase.TROUBLE) {
            return CallOutcome.FAILED;
        }
        if (!clean) {
            return CallOutcome.LOST;
        }
        return messageLeft ? CallOutcome.VOICEMAIL : CallOutcome.HUNG_UP;
    }
}
