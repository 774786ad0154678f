package dev.sotto.agent;

import dev.sotto.agent.CallAction.Stop;
import dev.sotto.agent.ReceptionState.Phase;
import dev.sotto.core.SensitiveText;
import dev.sotto.store.TurnText;
import java.util.Optional;

/// What typed words do: where something is asked they become the keys they stand for, so that there is one table of
/// phases for keys and for words. Thread-safe.
final class ReceptionText {
    /// More digits than a birth date or the end of a phone number have are something else.
    private static final int MAX_ENTRY_DIGITS = 8;

    private final ReceptionKeys keys;
    private final ReceptionMoves moves;

    ReceptionText(ReceptionKeys keys, ReceptionMoves moves) {
        this.keys = keys;
        this.moves = moves;
    }

    void typed(ReceptionDraft draft, SensitiveText text) {
        switch (draft.phase()) {
            case TALKING -> {
                draft.hush();
                draft.answered();
                draft.act(new Stop(CallTimer.NO_INPUT));
                draft.converse(text);
            }
            case BIRTH_DATE -> entry(draft, text, TypedWords.birthDate(text));
            case FACTOR -> entry(draft, text, TypedWords.digits(text));
            case MENU, CONFIRM_CANCEL, CHOOSING -> choice(draft, text);
            case IN_MESSAGE -> ReceptionMoves.finishMessage(draft);
            default -> {
                // Nothing is asked, and nothing more will be.
            }
        }
        draft.noteNoKeys();
    }

    private void entry(ReceptionDraft draft, SensitiveText text, SensitiveText digits) {
        if (!digits.isEmpty()) {
            digits.reveal().chars().forEach(digit -> keys.key(draft, (char) digit));
            keys.key(draft, '#');
        } else {
            aside(draft, text);
        }
    }

    private void choice(ReceptionDraft draft, SensitiveText text) {
        var key = key(draft.phase(), text);
        if (key.isPresent()) {
            keys.key(draft, key.get());
        } else {
            aside(draft, text);
        }
    }

    /// A person and a message can be asked for everywhere.
    private void aside(ReceptionDraft draft, SensitiveText text) {
        var star = TypedWords.aside(text);
        if (star.isPresent()) {
            keys.key(draft, '*');
            keys.key(draft, star.get());
        } else {
            draft.act(new Stop(CallTimer.NO_INPUT));
            moves.miss(draft, "input.invalid");
        }
    }

    private static Optional<Character> key(Phase phase, SensitiveText text) {
        return switch (phase) {
            case MENU -> TypedWords.menu(text);
            case CONFIRM_CANCEL -> TypedWords.confirm(text);
            case CHOOSING -> TypedWords.offer(text);
            default -> Optional.empty();
        };
    }

    /// How what was typed is kept: an answer to a question about the person is protected whole.
    static TurnText shown(Phase phase, CallEvent.Typed typed) {
        boolean about = phase == Phase.BIRTH_DATE || phase == Phase.FACTOR;
        int digits = TypedWords.digits(typed.text()).length();
        return about && digits > 0 && digits <= MAX_ENTRY_DIGITS
                ? TurnText.of(new TurnText.Part.Protected(ReceptionMoves.label(phase), typed.text()))
                : typed.shown();
    }
}
