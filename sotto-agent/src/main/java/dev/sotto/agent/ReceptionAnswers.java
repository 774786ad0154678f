package dev.sotto.agent;

import dev.sotto.agent.ReceptionState.Phase;
import dev.sotto.agent.ToolResult.Booking;
import dev.sotto.agent.ToolResult.Offer;
import java.util.List;

/// What the receptionist says and does when a tool answered.
final class ReceptionAnswers {
    private static final int MAX_OFFERS = 3;

    private final ReceptionMoves moves;

    ReceptionAnswers(ReceptionMoves moves) {
        this.moves = moves;
    }

    void answered(ReceptionDraft draft, ToolResult result) {
        if (draft.phase().last()) {
            return;
        }
        switch (result) {
            case ToolResult.Verified _ -> {
                draft.identified();
                draft.say("identity.verified");
                moves.home(draft, false);
            }
            case ToolResult.NotVerified(int attemptsLeft) -> notVerified(draft, attemptsLeft);
            case ToolResult.Locked _ -> locked(draft);
            case ToolResult.AppointmentFound(Booking booking) -> {
                draft.appointment(booking);
                sayAppointment(draft, booking);
            }
            case ToolResult.NoAppointment _ -> {
                draft.appointment(null);
                draft.say("appointment.none");
                moves.prompt(draft, Phase.MENU);
            }
            case ToolResult.Offered(List<Offer> offers) -> offered(draft, offers);
            case ToolResult.Booked(Booking booking) -> booked(draft, booking);
            case ToolResult.SlotTaken _ -> {
                draft.say("book.taken");
                draft.enter(Phase.FINDING_OFFERS);
                draft.ask(Tool.BOOK, ToolJson.none());
            }
            case ToolResult.Cancelled _, ToolResult.NothingToCancel _ -> {
                draft.say("cancel.done");
                draft.forgetAppointment();
                moves.home(draft, false);
            }
            case ToolResult.TakingMessage _ -> {
                draft.enter(Phase.MESSAGE_INTRO);
                draft.say("voicemail.intro", "tone.beep");
            }
            case ToolResult.Transferring _ -> {
                draft.enter(Phase.TRANSFERRING);
                draft.say("transfer.hold");
            }
            case ToolResult.NobodyThere _ -> {
                draft.say("transfer.none");
                moves.home(draft, false);
            }
            case ToolResult.Refused _, ToolResult.Unavailable _ -> moves.trouble(draft);
        }
    }

    private void notVerified(ReceptionDraft draft, int attemptsLeft) {
        draft.say("identity.failed");
        if (attemptsLeft > 0) {
            moves.prompt(draft, Phase.BIRTH_DATE);
        } else {
            locked(draft);
        }
    }

    private void locked(ReceptionDraft draft) {
        draft.say("identity.locked");
        if (moves.person()) {
            moves.askPerson(draft);
        } else {
            moves.goodbye(draft);
        }
    }

    private void offered(ReceptionDraft draft, List<Offer> offers) {
        draft.offers(offers.subList(0, Math.min(MAX_OFFERS, offers.size())));
        if (offers.isEmpty()) {
            draft.say("offer.none");
            moves.prompt(draft, Phase.MENU);
        } else {
            moves.prompt(draft, Phase.CHOOSING);
        }
    }

    private void booked(ReceptionDraft draft, Booking booking) {
        draft.say(Phrase.of("book.done").then(Phrase.when(booking.at())));
        var known = draft.appointment();
        if (draft.appointmentKnown() && (known == null || booking.at().isBefore(known.at()))) {
            draft.appointment(booking);
        }
        moves.home(draft, false);
    }

    void sayAppointment(ReceptionDraft draft, Booking booking) {
        draft.say(Phrase.of("appointment.next").then(Phrase.when(booking.at())));
        moves.prompt(draft, Phase.MENU);
    }

    /// The times on offer, each with its key.
    static Phrase phrase(List<Offer> offers) {
        var phrase = Phrase.of("offer.intro");
        int number = 1;
        for (Offer offer : offers) {
            phrase = phrase.then("offer.for").then(Phrase.when(offer.at())).then("offer.press", "number." + number);
            number++;
        }
        return phrase.then("offer.back");
    }
}
