package dev.sotto.server.web;

import dev.sotto.server.node.NodeServices;
import dev.sotto.store.CallRecord;
import dev.sotto.store.CallState;
import dev.sotto.store.RecordingInfo;
import dev.sotto.store.Tenant;
import java.util.Optional;

/// A call as a line of the list and the head of its page.
///
/// @param live whether it goes on
/// @param startedAt milliseconds since 1970 of a call that goes on, for a clock that runs; 0 otherwise
/// @param fallBack how it came to the receptionist although a model was to answer; empty if it did not
/// @param recording the state of the recording; empty if there is none
record CallRow(
        String id,
        String when,
        String what,
        boolean live,
        long startedAt,
        String length,
        boolean verified,
        String mode,
        String fallBack,
        String recording) {
    static CallRow of(NodeServices services, Tenant tenant, CallRecord call) {
        Optional<RecordingInfo> recording = services.store().recordings().find(tenant.id(), call.id());
        boolean live = call.state() != CallState.ENDED;
        return new CallRow(
                call.id().toString(),
                CallWords.when(call.startedAt().orElse(call.offeredAt()), tenant.zone()),
                CallWords.outcome(call),
                live,
                live ? call.startedAt().map(start -> start.toEpochMilli()).orElse(0L) : 0,
                CallView.length(call).map(CallWords::clock).orElse(""),
                call.verified(),
                CallWords.mode(call),
                CallWords.fallBack(call),
                recording.map(info -> CallView.lower(info.state())).orElse(""));
    }
}
