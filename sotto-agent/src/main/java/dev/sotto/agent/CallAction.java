package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import dev.sotto.store.CallOutcome;
import java.time.Duration;

/// What the receptionist wants done. The call loop does it, in order, without waiting.
sealed interface CallAction {
    /// Say this after what is being said.
    record Say(Phrase phrase) implements CallAction {}

    /// Stop what is being said.
    record Hush() implements CallAction {}

    /// Start this timer, or start it again.
    record Start(CallTimer timer, Duration after) implements CallAction {}

    record Stop(CallTimer timer) implements CallAction {}

    /// Run a tool beside the call; the answer carries `generation`.
    record Ask(long generation, String tool, SensitiveText arguments) implements CallAction {}

    /// Give the model what the caller said; everything it says to that carries `generation`.
    record Converse(long generation, SensitiveText heard) implements CallAction {}

    /// Put what the caller keyed into the transcript, behind `label` unless it is empty.
    record NoteKeys(String label, SensitiveText keys) implements CallAction {}

    /// Keep no more of this call's audio.
    record StopRecording() implements CallAction {}

    /// Keep what the caller says from now on as a message.
    record StartMessage() implements CallAction {}

    record FinishMessage() implements CallAction {}

    /// The call is done.
    record End(Ending ending) implements CallAction {}

    /// How the agent ends a call.
    enum Ending {
        COMPLETED(CallOutcome.COMPLETED),
        MESSAGE_LEFT(CallOutcome.VOICEMAIL),
        TRANSFERRED(CallOutcome.TRANSFERRED),
        FAILED(CallOutcome.FAILED);

        private final CallOutcome outcome;

        Ending(CallOutcome outcome) {
            this.outcome = outcome;
        }

        /// What the call came to then.
        CallOutcome outcome() {
            return outcome;
        }
    }
}
