package dev.sotto.agent;

import dev.sotto.agent.CallAction.FinishMessage;
import dev.sotto.agent.CallAction.Stop;
import dev.sotto.agent.ReceptionState.Phase;
import dev.sotto.core.SensitiveText;
import java.util.Set;

/// What the receptionist does from more than one place. Thread-safe.
///
/// @param person whether there is a number to pass callers to
record ReceptionMoves(boolean person, ReceptionTimes times) {
    static final String BIRTH_DATE_LABEL = "DATE OF BIRTH";
    static final String FACTOR_LABEL = "PHONE, LAST FOUR";
    /// Every clip it names besides those of dates and times.
    static final Set<String> PROMPTS = Set.of(
            "announce.ai",
            "announce.keys",
            "announce.not-recorded",
            "announce.recorded",
            "appointment.next",
            "appointment.none",
            "ask.dob",
            "ask.factor",
            "book.done",
            "book.taken",
            "cancel.confirm",
            "cancel.done",
            "cancel.kept",
            "goodbye",
            "handover.keys",
            "identity.checking",
            "identity.failed",
            "identity.locked",
            "identity.verified",
            "input.invalid",
            "input.none",
            "menu.appointment",
            "menu.no-appointment",
            "offer.back",
            "offer.for",
            "offer.intro",
            "offer.none",
            "offer.press",
            "recording.stopped",
            "talk.blocked",
            "talk.greeting",
            "talk.silence",
            "tone.beep",
            "transfer.hold",
            "transfer.none",
            "trouble",
            "voicemail.intro",
            "voicemail.saved",
            "word.at",
            "number.1",
            "number.2",
            "number.3");

    static boolean inMessage(Phase phase) {
        return phase == Phase.OPENING_MESSAGE
                || phase == Phase.MESSAGE_INTRO
                || phase == Phase.IN_MESSAGE
                || phase == Phase.KEEPING_MESSAGE;
    }

    static void finishMessage(ReceptionDraft draft) {
        stopMessage(draft);
        draft.enter(Phase.KEEPING_MESSAGE);
    }

    static void leaveMessage(ReceptionDraft draft) {
        if (draft.phase() == Phase.IN_MESSAGE) {
            stopMessage(draft);
        }
    }

    static void stopMessage(ReceptionDraft draft) {
        draft.act(new Stop(CallTimer.MESSAGE_LIMIT));
        draft.act(new Stop(CallTimer.MESSAGE_SILENCE));
        draft.act(new FinishMessage());
    }

    static void run(ReceptionDraft draft, Phase phase, Tool tool, SensitiveText arguments) {
        draft.answered();
        draft.enter(phase);
        draft.ask(tool, arguments);
    }

    static void openMessage(ReceptionDraft draft) {
        run(draft, Phase.OPENING_MESSAGE, Tool.TAKE_MESSAGE, ToolJson.none());
    }

    /// Asks for a person.
    void askPerson(ReceptionDraft draft) {
        run(draft, Phase.ASKING_PERSON, Tool.TRANSFER_TO_HUMAN, ToolJson.none());
    }

    /// Says so, and asks again until it was asked too often.
    void miss(ReceptionDraft draft, String clip) {
        if (draft.miss() >= times.misses()) {
            draft.say(clip);
            goodbye(draft);
        } else {
            draft.say(clip);
            prompt(draft, draft.phase());
        }
    }

    /// Back to where a caller who did something on the side left off.
    void home(ReceptionDraft draft, boolean mayEnd) {
        if (draft.talks()) {
            draft.enter(Phase.TALKING);
            return;
        }
        if (draft.verified() && draft.appointmentKnown()) {
            prompt(draft, Phase.MENU);
        } else if (draft.verified()) {
            run(draft, Phase.LOOKING_UP, Tool.LOOKUP_APPOINTMENT, ToolJson.none());
        } else if (mayEnd) {
            goodbye(draft);
        } else {
            prompt(draft, Phase.BIRTH_DATE);
        }
    }

    /// Hands the caller from the model to the keypad; who was verified stays so.
    void handOver(ReceptionDraft draft, boolean verified) {
        if (!draft.talks() || draft.phase().last()) {
            return;
        }
        draft.talksNoMore();
        if (verified) {
            draft.identified();
        }
        if (draft.phase() != Phase.TALKING && !draft.phase().asks()) {
            return; // announcing still, or with a message: the keypad is what comes next
        }
        draft.hush();
        draft.abandon();
        draft.say("handover.keys");
        home(draft, false);
    }

    void goodbye(ReceptionDraft draft) {
        draft.enter(Phase.CLOSING);
        draft.say("goodbye");
    }

    /// Says that nothing works, and nothing else, then passes the caller on or ends.
    void trouble(ReceptionDraft draft) {
        if (draft.phase() == Phase.TROUBLE || draft.phase() == Phase.OVER) {
            return;
        }
        leaveMessage(draft);
        draft.hush();
        draft.abandon();
        draft.enter(Phase.TROUBLE);
        draft.say("trouble", person ? "transfer.hold" : "goodbye");
    }

    /// Asks for what `phase` needs.
    void prompt(ReceptionDraft draft, Phase phase) {
        draft.enter(phase);
        switch (phase) {
            case BIRTH_DATE -> draft.say("ask.dob");
            case FACTOR -> draft.say("ask.factor");
            case MENU -> draft.say(draft.appointment() == null ? "menu.no-appointment" : "menu.appointment");
            case CONFIRM_CANCEL -> draft.say("cancel.confirm");
            case CHOOSING -> draft.say(ReceptionAnswers.phrase(draft.offers()));
            default -> throw new IllegalStateException("phase asks nothing");
        }
    }

    static String label(Phase phase) {
        return switch (phase) {
            case BIRTH_DATE -> BIRTH_DATE_LABEL;
            case FACTOR -> FACTOR_LABEL;
            default -> "";
        };
    }
}
