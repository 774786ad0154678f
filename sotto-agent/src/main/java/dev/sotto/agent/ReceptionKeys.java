package dev.sotto.agent;

import dev.sotto.agent.CallAction.NoteKeys;
import dev.sotto.agent.CallAction.Stop;
import dev.sotto.agent.CallAction.StopRecording;
import dev.sotto.agent.ReceptionState.Phase;
import dev.sotto.core.SensitiveText;

/// What a key does. Thread-safe.
final class ReceptionKeys {
    /// How a model is told what was keyed.
    static final String KEYED = "[keyed on the telephone] ";

    private static final int MAX_ENTRY = 16;
    private static final int MAX_TYPED_AHEAD = 40;

    private final ReceptionMoves moves;
    private final ReceptionAnswers answers;

    ReceptionKeys(ReceptionMoves moves, ReceptionAnswers answers) {
        this.moves = moves;
        this.answers = answers;
    }

    void key(ReceptionDraft draft, char digit) {
        if (draft.phase().last()) {
            return;
        }
        if (draft.phase() == Phase.CONNECTED || draft.phase() == Phase.ANNOUNCING) {
            // The announcement is always heard whole; keys wait for its end.
            if (draft.entry().length() < MAX_TYPED_AHEAD) {
                draft.type(digit);
            }
            return;
        }
        if (draft.star() && digit != '*') {
            draft.star(false);
            starred(draft, digit);
        } else if (digit == '*') {
            draft.star(true);
            draft.start(CallTimer.INTER_KEY, moves.times().interKey());
        } else if (draft.phase() == Phase.IN_MESSAGE) {
            if (digit == '#') {
                ReceptionMoves.finishMessage(draft);
            }
        } else if (draft.phase().asks()) {
            answer(draft, digit);
        } else if (draft.phase() == Phase.TALKING) {
            talk(draft, digit);
        }
    }

    /// Keys are an answer to a model too: they are given to it like words, when the caller ends them.
    private void talk(ReceptionDraft draft, char digit) {
        draft.act(new Stop(CallTimer.NO_INPUT));
        draft.hush();
        draft.abandon();
        if (digit == '#') {
            endOfKeys(draft);
        } else {
            if (draft.entry().length() < MAX_ENTRY) {
                draft.type(digit);
            }
            draft.start(CallTimer.INTER_KEY, moves.times().interKey());
        }
    }

    /// The caller of a model pauses: what was keyed counts, and silence is asked about.
    void pausedInTalk(ReceptionDraft draft) {
        if (!draft.entry().isEmpty()) {
            endOfKeys(draft);
        } else if (draft.star()) {
            draft.star(false);
            draft.start(CallTimer.NO_INPUT, moves.times().noInput());
        } else if (draft.miss() >= moves.times().misses()) {
            moves.goodbye(draft);
        } else {
            draft.say("talk.silence");
        }
    }

    private static void endOfKeys(ReceptionDraft draft) {
        var keys = draft.entry();
        draft.forgetEntry();
        if (keys.isEmpty()) {
            return;
        }
        draft.answered();
        draft.act(new NoteKeys("KEYS", keys));
        draft.converse(SensitiveText.of(KEYED + keys.reveal()));
    }

    private void answer(ReceptionDraft draft, char digit) {
        draft.hush();
        draft.act(new Stop(CallTimer.NO_INPUT));
        switch (draft.phase()) {
            case BIRTH_DATE, FACTOR -> entry(draft, digit);
            case MENU -> menu(draft, digit);
            case CONFIRM_CANCEL -> confirm(draft, digit);
            case CHOOSING -> choose(draft, digit);
            default -> throw new IllegalStateException("phase asks nothing");
        }
    }

    private void entry(ReceptionDraft draft, char digit) {
        if (digit != '#') {
            if (draft.entry().length() < MAX_ENTRY) {
                draft.type(digit);
            }
            draft.start(CallTimer.INTER_KEY, moves.times().interKey());
            return;
        }
        if (draft.entry().isEmpty()) {
            moves.miss(draft, "input.none");
            return;
        }
        draft.answered();
        var keys = draft.entry();
        draft.act(new NoteKeys(ReceptionMoves.label(draft.phase()), keys));
        if (draft.phase() == Phase.BIRTH_DATE) {
            draft.born(keys);
            moves.prompt(draft, Phase.FACTOR);
        } else {
            draft.enter(Phase.CHECKING);
            draft.say("identity.checking");
            // Whether the date is one, and the factor has four digits, is found out by the check itself, in its time.
            draft.ask(Tool.VERIFY_IDENTITY, ToolJson.identity(draft.birthDate(), keys));
            draft.born(ReceptionState.NOTHING);
        }
    }

    private void menu(ReceptionDraft draft, char digit) {
        if (digit == '#') {
            draft.start(CallTimer.NO_INPUT, moves.times().noInput());
            return;
        }
        pressed(draft, digit);
        var booking = draft.appointment();
        switch (digit) {
            case '0' -> moves.askPerson(draft);
            case '3' -> ReceptionMoves.run(draft, Phase.FINDING_OFFERS, Tool.BOOK, ToolJson.none());
            case '4' -> ReceptionMoves.openMessage(draft);
            case '9' -> moves.goodbye(draft);
            case '1' -> {
                if (booking == null) {
                    moves.miss(draft, "input.invalid");
                } else {
                    draft.answered();
                    answers.sayAppointment(draft, booking);
                }
            }
            case '2' -> {
                if (booking == null) {
                    moves.miss(draft, "input.invalid");
                } else {
                    moves.prompt(draft, Phase.CONFIRM_CANCEL);
                }
            }
            default -> moves.miss(draft, "input.invalid");
        }
    }

    private void confirm(ReceptionDraft draft, char digit) {
        pressed(draft, digit);
        var booking = draft.appointment();
        if (digit == '1' && booking != null) {
            ReceptionMoves.run(draft, Phase.CANCELLING, Tool.CANCEL, ToolJson.argument("appointment", booking.id()));
        } else if (digit == '2') {
            draft.answered();
            draft.say("cancel.kept");
            moves.prompt(draft, Phase.MENU);
        } else {
            moves.miss(draft, "input.invalid");
        }
    }

    private void choose(ReceptionDraft draft, char digit) {
        pressed(draft, digit);
        int choice = Character.digit(digit, 10);
        if (digit == '9') {
            draft.answered();
            moves.prompt(draft, Phase.MENU);
        } else if (choice >= 1 && choice <= draft.offers().size()) {
            var offer = draft.offers().get(choice - 1);
            ReceptionMoves.run(draft, Phase.BOOKING, Tool.BOOK, ToolJson.argument("slot", offer.slot()));
        } else {
            moves.miss(draft, "input.invalid");
        }
    }

    private void starred(ReceptionDraft draft, char digit) {
        draft.forgetEntry();
        draft.act(new NoteKeys("", SensitiveText.of("*" + digit)));
        switch (digit) {
            case '0' -> {
                ReceptionMoves.leaveMessage(draft);
                draft.hush();
                moves.askPerson(draft);
            }
            case '1' -> {
                if (!ReceptionMoves.inMessage(draft.phase())) {
                    draft.hush();
                    ReceptionMoves.openMessage(draft);
                }
            }
            case '9' -> stopRecording(draft);
            default -> {
                if (draft.phase().asks()) {
                    draft.hush();
                    moves.miss(draft, "input.invalid");
                }
            }
        }
    }

    private void stopRecording(ReceptionDraft draft) {
        boolean was = draft.recording();
        if (was) {
            draft.notRecording();
            draft.act(new StopRecording());
        }
        if (ReceptionMoves.inMessage(draft.phase())) {
            return; // Nothing is said into a message.
        }
        draft.hush();
        draft.say(was ? "recording.stopped" : "announce.not-recorded");
        if (draft.phase().asks()) {
            moves.prompt(draft, draft.phase());
        }
    }

    private static void pressed(ReceptionDraft draft, char digit) {
        draft.act(new NoteKeys("", SensitiveText.of(String.valueOf(digit))));
    }
}
