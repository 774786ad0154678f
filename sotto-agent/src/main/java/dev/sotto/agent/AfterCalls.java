package dev.sotto.agent;

import dev.sotto.core.UnavailableException;
import dev.sotto.media.AfterStream;
import dev.sotto.media.StreamEnded;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.CallRecord;
import dev.sotto.store.CallState;
import dev.sotto.store.Store;
import dev.sotto.store.Tenant;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/// Says what comes after the stream of a call: from memory if the call was here, otherwise from the store. Thread-safe;
/// blocks.
record AfterCalls(Sessions sessions, Store store, Clock clock) {
    private static final Duration AFTER_WAIT = Duration.ofSeconds(4);

    AfterStream of(StreamEnded ended) {
        var session = sessions.find(ended.callSid(), ended.call());
        try {
            if (session.isPresent()) {
                var outcome = session.get().awaitEnd(AFTER_WAIT).orElse(CallOutcome.LOST);
                return next(outcome, session.get().transferNumber());
            }
            return store.calls()
                    .byCarrierCall(ended.callSid())
                    .filter(record -> record.id().equals(ended.call()))
                    .map(this::afterElsewhere)
                    .orElseGet(AfterStream.HangUp::new);
        } catch (UnavailableException down) {
            CallRuns.unavailable("agent.after.unavailable", down);
            return new AfterStream.Apologise();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return new AfterStream.Apologise();
        }
    }

    /// The call was another node's, or of an earlier life of this one. If it did not end, its stream is dead.
    private AfterStream afterElsewhere(CallRecord record) {
        if (record.state() != CallState.ENDED) {
            store.calls().setOutcome(record.tenant(), record.id(), CallOutcome.LOST, clock.instant());
        }
        var number = store.tenants().find(record.tenant()).flatMap(Tenant::transferNumber);
        return next(record.outcome().orElse(CallOutcome.LOST), number);
    }

    private static AfterStream next(CallOutcome outcome, Optional<String> number) {
        return switch (outcome) {
            case HUNG_UP, COMPLETED, VOICEMAIL -> new AfterStream.HangUp();
            case TRANSFERRED, LOST ->
                number.<AfterStream>map(AfterStream.Dial::new).orElseGet(AfterStream.Apologise::new);
            case FAILED -> number.<AfterStream>map(AfterStream.Dial::new).orElseGet(AfterStream.HangUp::new);
        };
    }
}
