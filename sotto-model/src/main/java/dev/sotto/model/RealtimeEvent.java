package dev.sotto.model;

import dev.sotto.core.SensitiveText;
import java.time.Duration;

/// What happens in a realtime session. Ids are the provider's: letters, digits and `_.:-`, at most 128. What the caller
/// said and what the model wants to say is protected and has not passed the guard.
public sealed interface RealtimeEvent {
    /// The provider made the session.
    record SessionCreated() implements RealtimeEvent {}

    /// The provider took over the settings.
    record SessionUpdated() implements RealtimeEvent {}

    /// The caller began to speak, `at` so far into the audio that was sent.
    record SpeechStarted(String itemId, Duration at) implements RealtimeEvent {}

    /// The caller stopped.
    record SpeechStopped(String itemId, Duration at) implements RealtimeEvent {}

    /// What the caller said became an item of the conversation.
    record Committed(String itemId) implements RealtimeEvent {}

    /// The caller was silent for the time after which the provider says so.
    record CallerSilent(Duration from, Duration to) implements RealtimeEvent {}

    /// More of what the caller says, as a guess that may change. Never to be sent or kept.
    record HeardPartly(String itemId, SensitiveText delta) implements RealtimeEvent {}

    /// What the caller said.
    record Heard(String itemId, int contentIndex, SensitiveText text) implements RealtimeEvent {}

    /// It could not be written down.
    record HearingFailed(String itemId) implements RealtimeEvent {}

    /// A key of the caller, told by the provider: one of `0` to `9`, `*`, `#`, `A` to `D`.
    record KeyPressed(char key) implements RealtimeEvent {}

    /// A response that was asked for began.
    record ResponseStarted(String responseId) implements RealtimeEvent {}

    /// More audio of a part. Mu-law, or PCM16 of 8 kHz if the session speaks PCM.
    record AgentAudio(Part part, AudioChunk audio) implements RealtimeEvent {}

    /// A part has no more audio.
    record AgentAudioEnded(Part part) implements RealtimeEvent {}

    /// More words of a part; they may come before or after the audio that they go with.
    record AgentWords(Part part, SensitiveText delta) implements RealtimeEvent {}

    /// All words of a part: the audio of the part may be played once these passed the guard.
    record AgentWordsEnded(Part part, SensitiveText words) implements RealtimeEvent {}

    /// The model asks for a tool. The result is told and a response asked for after [ResponseEnded].
    record ToolAsked(String responseId, ToolCall call) implements RealtimeEvent {}

    /// A response is over. All its parts have ended before.
    record ResponseEnded(String responseId, Status status, AnswerEvent.Usage usage) implements RealtimeEvent {}

    /// An item of the conversation changed.
    record ItemChanged(String itemId, Change change) implements RealtimeEvent {}

    /// The provider's buffer of audio to be played changed (WebRTC and SIP only).
    record OutputChanged(String responseId, Playing playing) implements RealtimeEvent {}

    /// The provider did not accept something that was sent. The session goes on.
    ///
    /// @param code the provider's word for it, or `unknown`
    /// @param response whether it was a response that was asked for: it will not begin
    record Refused(String code, boolean response) implements RealtimeEvent {}

    /// One piece of content of one response: what is held and let go together.
    record Part(String responseId, String itemId, int outputIndex, int contentIndex) {}

    /// How a response ended.
    enum Status {
        COMPLETED,
        /// By us, or because the caller spoke.
        CANCELLED,
        /// It reached its greatest length or the provider's filter.
        INCOMPLETE,
        FAILED,
        /// Something that this version does not know.
        OTHER
    }

    /// What happened to an item.
    enum Change {
        ADDED,
        DONE,
        DELETED,
        TRUNCATED,
        RETRIEVED
    }

    /// What happened to the provider's output buffer.
    enum Playing {
        STARTED,
        STOPPED,
        CLEARED
    }
}
