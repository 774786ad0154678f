package dev.sotto.agent;

import dev.sotto.core.ErrorCode;
import dev.sotto.core.SensitiveText;
import dev.sotto.store.TurnText;
import java.time.Duration;

/// Something that happened in a call. The call loop takes them one at a time. Audio is never one.
sealed interface CallEvent {
    /// The announcement is in the audit log: it may be played, and audio may be kept.
    record Announced() implements CallEvent {}

    /// A key, `0` to `9`, `*` or `#`.
    record Dtmf(char digit) implements CallEvent {
        @Override
        public String toString() {
            return "Dtmf[]";
        }
    }

    record SpeechStarted(Duration at) implements CallEvent {}

    record SpeechStopped(Duration at) implements CallEvent {}

    /// The peer says that the audio before this mark was played or cleared.
    record MarkPlayed(String name) implements CallEvent {}

    /// All that was said has been played to its end. Made by the loop; never comes after a clear.
    record Quiet() implements CallEvent {}

    /// A timer ran out. One whose number is not the running one is stale.
    record Timeout(CallTimer timer, long number) implements CallEvent {}

    /// A tool is done. One of an older generation is stale.
    record ToolAnswered(long generation, ToolResult result) implements CallEvent {}

    /// What the caller said is known.
    ///
    /// @param text whole, as it was transcribed
    /// @param shown the same, with what is protected told apart
    record Heard(SensitiveText text, TurnText shown, Duration at, Duration length) implements CallEvent {}

    /// What the caller said could not be made out.
    record Unheard(Duration at, Duration length) implements CallEvent {}

    /// The caller typed something, or a transcriber that is not ours made it out.
    ///
    /// @param shown the same, with what is protected told apart
    /// @param kept told once it is in the store; must not block
    record Typed(SensitiveText text, TurnText shown, Duration at, Runnable kept) implements CallEvent {
        @Override
        public String toString() {
            return "Typed[]";
        }
    }

    /// The peer stopped saying what it was given, because the caller began to speak or to press keys.
    ///
    /// @param heard what it had said of the last words until then; empty if it does not say
    record Interrupted(SensitiveText heard) implements CallEvent {}

    /// A tool that a model asked for is done.
    record ToolRan(String name, ToolResult result, Duration took) implements CallEvent {}

    /// Something the model says can be played. One of an older generation is stale.
    record Voiced(long generation, Spoken spoken) implements CallEvent {}

    /// The model's answer to what was said is over. One of an older generation is stale.
    record Answered(long generation, AnswerEnd end) implements CallEvent {}

    /// The model is lost to this call: the keypad takes over.
    ///
    /// @param verified whether the gate knows the caller
    /// @param code of the failure
    record HandedOver(boolean verified, ErrorCode code) implements CallEvent {}

    /// The message is sealed and kept.
    record MessageKept() implements CallEvent {}

    /// The audit log or the store does not answer.
    record Failed() implements CallEvent {}

    /// The call is too long, or has too many turns.
    record LimitReached() implements CallEvent {}

    /// The media stream is over.
    record Ended(boolean clean) implements CallEvent {}
}
