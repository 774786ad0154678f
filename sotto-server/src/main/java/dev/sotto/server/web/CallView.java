package dev.sotto.server.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sotto.store.CallRecord;
import dev.sotto.store.RecordingInfo;
import dev.sotto.store.Turn;
import dev.sotto.store.TurnText;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A call as the API shows it: ids, times and codes in clear; words with what is protected in them as labels only.
@JsonInclude(JsonInclude.Include.NON_NULL)
record CallView(
        String id,
        String state,
        @Nullable String outcome,
        String channel,
        String mode,
        @Nullable String served,
        @Nullable Instant handedOverAt,
        boolean verified,
        boolean recordingAnnounced,
        Instant offeredAt,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable Long lengthMillis,
        int turnCount,
        @Nullable Recording recording,
        @Nullable List<Spoken> turns,
        @Nullable AfterCallView afterCall,
        @Nullable Proof audit) {
    /// A sealed recording.
    record Recording(String id, String state, long durationMillis, long sealedBytes) {
        static Recording of(RecordingInfo info) {
            return new Recording(
                    info.id().toString(), lower(info.state()), info.duration().toMillis(), info.sealedBytes());
        }
    }

    /// One turn.
    ///
    /// @param text the redacted words, each protected part as `[LABEL]`
    record Spoken(
            String id,
            int ordinal,
            String speaker,
            String kind,
            long atMillis,
            long lengthMillis,
            String text,
            List<Part> parts) {
        static Spoken of(Turn turn) {
            return new Spoken(
                    turn.id().toString(),
                    turn.ordinal(),
                    lower(turn.speaker()),
                    lower(turn.kind()),
                    turn.at().toMillis(),
                    turn.length().toMillis(),
                    turn.text().redacted(),
                    turn.text().parts().stream().map(Part::of).toList());
        }
    }

    /// Either clear words or the label of what is protected; never the protected value.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Part(@Nullable String text, @Nullable String label) {
        static Part of(TurnText.Part part) {
            return switch (part) {
                case TurnText.Part.Clear(String text) -> new Part(text, null);
                case TurnText.Part.Protected hidden -> new Part(null, hidden.label());
            };
        }
    }

    /// How far the log's entries about the call are proven.
    ///
    /// @param broken the sequences of those that must not be believed
    record Proof(int entries, int proven, List<Long> broken, long checkpointSize) {}

    static CallView of(CallRecord call, Optional<RecordingInfo> recording) {
        return new CallView(
                call.id().toString(),
                lower(call.state()),
                call.outcome().map(CallView::lower).orElse(null),
                lower(call.channel()),
                call.mode(),
                call.served().orElse(null),
                call.handedOverAt().orElse(null),
                call.verified(),
                call.recordingAnnounced(),
                call.offeredAt(),
                call.startedAt().orElse(null),
                call.endedAt().orElse(null),
                length(call).map(Duration::toMillis).orElse(null),
                call.turnCount(),
                recording.map(Recording::of).orElse(null),
                null,
                null,
                null);
    }

    CallView with(List<Turn> turns) {
        return new CallView(
                id,
                state,
                outcome,
                channel,
                mode,
                served,
                handedOverAt,
                verified,
                recordingAnnounced,
                offeredAt,
                startedAt,
                endedAt,
                lengthMillis,
                turnCount,
                recording,
                turns.stream().map(Spoken::of).toList(),
                afterCall,
                audit);
    }

    CallView with(AfterCallView after) {
        return new CallView(
                id,
                state,
                outcome,
                channel,
                mode,
                served,
                handedOverAt,
                verified,
                recordingAnnounced,
                offeredAt,
                startedAt,
                endedAt,
                lengthMillis,
                turnCount,
                recording,
                turns,
                after,
                audit);
    }

    CallView with(Proof proof) {
        return new CallView(
                id,
                state,
                outcome,
                channel,
                mode,
                served,
                handedOverAt,
                verified,
                recordingAnnounced,
                offeredAt,
                startedAt,
                endedAt,
                lengthMillis,
                turnCount,
                recording,
                turns,
                afterCall,
                proof);
    }

    static Optional<Duration> length(CallRecord call) {
        return call.startedAt().flatMap(start -> call.endedAt().map(end -> Duration.between(start, end)));
    }

    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
