package dev.sotto.agent;

import dev.sotto.agent.CallAction.End;
import dev.sotto.agent.CallAction.Ending;
import dev.sotto.agent.CallAction.NoteKeys;
import dev.sotto.agent.CallAction.StartMessage;
import dev.sotto.agent.CallAction.Stop;
import dev.sotto.agent.ReceptionDraft.Step;
import dev.sotto.agent.ReceptionState.Phase;
import dev.sotto.core.SensitiveText;

/// The built-in agent that works by keypad, or by what is typed. A function of its state and one event: it holds
/// nothing, knows no clock and
/// waits for nothing. Thread-safe.
final class Receptionist {
    private final ReceptionMoves moves;
    private final ReceptionAnswers answers;
    private final ReceptionKeys keys;
    private final ReceptionText text;

    /// @param person whether there is a number to pass callers to
    Receptionist(boolean person, ReceptionTimes times) {
        moves = new ReceptionMoves(person, times);
        answers = new ReceptionAnswers(moves);
        keys = new ReceptionKeys(moves, answers);
        text = new ReceptionText(keys, moves);
    }

    /// What `event` leads to from `state`.
    Step on(ReceptionState state, CallEvent event) {
        var draft = new ReceptionDraft(state);
        switch (event) {
            case CallEvent.Announced _ -> announced(draft);
            case CallEvent.Dtmf(char digit) -> keys.key(draft, digit);
            case CallEvent.Quiet _ -> quiet(draft);
            case CallEvent.Timeout(CallTimer timer, long _) -> timeout(draft, timer);
            case CallEvent.ToolAnswered(long generation, ToolResult result) -> {
                // A model's own tools answer to the model.
                if (generation == state.generation() && draft.phase() != Phase.TALKING) {
                    answers.answered(draft, result);
                }
            }
            case CallEvent.SpeechStarted _ -> speech(draft);
            case CallEvent.SpeechStopped _ -> {
                if (draft.phase() == Phase.IN_MESSAGE) {
                    draft.start(CallTimer.MESSAGE_SILENCE, moves.times().messageSilence());
                }
            }
            case CallEvent.MessageKept _ -> messageKept(draft);
            case CallEvent.Failed _ -> moves.trouble(draft);
            case CallEvent.LimitReached _ -> limit(draft);
            case CallEvent.Ended _ -> draft.enter(Phase.OVER);
            case CallEvent.Heard(SensitiveText words, var _, var _, var _) -> heard(draft, words);
            case CallEvent.Typed(SensitiveText words, var _, var _, var _) -> text.typed(draft, words);
            case CallEvent.Answered(long generation, AnswerEnd end) -> {
                if (generation == state.generation()) {
                    modelAnswered(draft, end);
                }
            }
            case CallEvent.HandedOver(boolean verified, var _) -> moves.handOver(draft, verified);
            case CallEvent.Unheard _ -> unheard(draft);
            case CallEvent.MarkPlayed _, CallEvent.Voiced _, CallEvent.ToolRan _, CallEvent.Interrupted _ -> {
                // The loop turns marks into Quiet, plays what a model says, and notes what it did.
            }
        }
        return draft.step();
    }

    private static void announced(ReceptionDraft draft) {
        if (draft.phase() != Phase.CONNECTED) {
            return;
        }
        // Typed ahead while connecting stays typed ahead.
        var ahead = draft.entry();
        draft.enter(Phase.ANNOUNCING);
        for (char digit : ahead.reveal().toCharArray()) {
            draft.type(digit);
        }
        draft.say("announce.ai", draft.recording() ? "announce.recorded" : "announce.not-recorded");
    }

    private void quiet(ReceptionDraft draft) {
        switch (draft.phase()) {
            case ANNOUNCING -> {
                if (draft.talks()) {
                    draft.enter(Phase.TALKING);
                    draft.say("talk.greeting");
                } else {
                    firstPrompt(draft);
                }
            }
            case TALKING -> draft.start(CallTimer.NO_INPUT, moves.times().noInput());
            case BIRTH_DATE, FACTOR, MENU, CONFIRM_CANCEL, CHOOSING -> {
                if (draft.entry().isEmpty() && !draft.star()) {
                    draft.start(CallTimer.NO_INPUT, moves.times().noInput());
                }
            }
            case MESSAGE_INTRO -> {
                draft.enter(Phase.IN_MESSAGE);
                draft.act(new StartMessage());
                draft.start(CallTimer.MESSAGE_LIMIT, moves.times().messageLimit());
            }
            case TRANSFERRING -> end(draft, Ending.TRANSFERRED);
            case CLOSING -> end(draft, draft.messageLeft() ? Ending.MESSAGE_LEFT : Ending.COMPLETED);
            case TROUBLE -> end(draft, Ending.FAILED);
            case CONNECTED,
                    CHECKING,
                    LOOKING_UP,
                    CANCELLING,
                    FINDING_OFFERS,
                    BOOKING,
                    OPENING_MESSAGE,
                    IN_MESSAGE,
                    KEEPING_MESSAGE,
                    ASKING_PERSON,
                    OVER -> {
                // An answer will come.
            }
        }
    }

    /// The caller speaks: a message goes on, and a model that talks is interrupted.
    private static void speech(ReceptionDraft draft) {
        draft.act(new Stop(CallTimer.MESSAGE_SILENCE));
        if (draft.phase() == Phase.TALKING) {
            draft.act(new Stop(CallTimer.NO_INPUT));
            draft.hush();
            draft.abandon();
        }
    }

    private static void heard(ReceptionDraft draft, SensitiveText text) {
        if (draft.phase() == Phase.TALKING) {
            draft.answered();
            draft.act(new Stop(CallTimer.NO_INPUT));
            draft.converse(text);
        }
    }

    /// What interrupted the model was nothing it could hear: it goes on with what was asked before.
    private static void unheard(ReceptionDraft draft) {
        if (draft.phase() == Phase.TALKING) {
            draft.converse(ReceptionState.NOTHING);
        }
    }

    private void modelAnswered(ReceptionDraft draft, AnswerEnd end) {
        if (draft.phase() != Phase.TALKING) {
            return;
        }
        switch (end) {
            case AnswerEnd.Said _ -> {
                // When it was heard, it is quiet.
            }
            case AnswerEnd.Blocked _ -> draft.say("talk.blocked");
            case AnswerEnd.Moved(ToolResult result) -> answers.answered(draft, result);
        }
    }

    private void firstPrompt(ReceptionDraft draft) {
        var ahead = draft.entry();
        draft.say("announce.keys");
        moves.prompt(draft, Phase.BIRTH_DATE);
        for (char digit : ahead.reveal().toCharArray()) {
            keys.key(draft, digit);
        }
    }

    private void timeout(ReceptionDraft draft, CallTimer timer) {
        switch (timer) {
            case INTER_KEY, NO_INPUT -> {
                if (draft.phase().asks()) {
                    if (!draft.entry().isEmpty()) {
                        draft.act(new NoteKeys(ReceptionMoves.label(draft.phase()), draft.entry()));
                    }
                    draft.forgetEntry();
                    moves.miss(draft, "input.none");
                } else if (draft.phase() == Phase.TALKING) {
                    keys.pausedInTalk(draft);
                } else {
                    draft.star(false);
                }
            }
            case MESSAGE_LIMIT, MESSAGE_SILENCE -> {
                if (draft.phase() == Phase.IN_MESSAGE) {
                    ReceptionMoves.finishMessage(draft);
                }
            }
            case CALL_LIMIT -> limit(draft);
            case PLAYED -> {
                // The loop treats a mark that does not come as one that came.
            }
        }
    }

    private void messageKept(ReceptionDraft draft) {
        draft.messageLeft(true);
        if (draft.phase() == Phase.KEEPING_MESSAGE) {
            draft.say("voicemail.saved");
            moves.home(draft, true);
        }
    }

    private void limit(ReceptionDraft draft) {
        if (!draft.phase().last()) {
            ReceptionMoves.leaveMessage(draft);
            draft.hush();
            draft.abandon();
            moves.goodbye(draft);
        }
    }

    private static void end(ReceptionDraft draft, Ending ending) {
        draft.enter(Phase.OVER);
        draft.act(new End(ending));
    }
}
