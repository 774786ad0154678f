package dev.sotto.agent;

import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.Disclosure;
import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.guard.Guard;
import dev.sotto.media.RelayListener;
import dev.sotto.media.RelayPeer;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.CallRecord;
import dev.sotto.store.Tenant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// Answers callers whom the carrier transcribes and to whom it speaks. Thread-safe; blocks.
///
/// @param guard decides what may go to the carrier
/// @param talking what talks with callers: without a model a call is answered by voice
record RelayReception(Guard guard, Talking talking, CallParts parts) {
    /// How these calls are answered, as rows name it.
    static final String MODE = Talking.STRICT;

    /// What the caller hears first, from the TwiML.
    String greeting() {
        return parts.voice().text("announce.ai") + " " + parts.voice().text("announce.not-recorded");
    }

    /// Whether a call may be carried so: the greeting leaves with the answer, and is decided before.
    boolean allows(Tenant tenant, CallId call) {
        try {
            return talking.models().usable().getAsBoolean()
                    && guard.decide(new Disclosure(
                                    tenant.id(),
                                    Optional.of(call),
                                    TextMouth.Way.RELAY.destination(),
                                    DataClass.TRANSCRIPT,
                                    TextMouth.Way.RELAY.purpose(),
                                    List.of(SensitiveText.of(greeting()))))
                            instanceof Verdict.Allowed;
        } catch (SottoException refused) {
            parts.meter().count("agent.relay.refused");
            return false;
        }
    }

    /// A call that is about to run.
    record Ready(CallLoop loop, RelaySession session) {
        RelayListener start(CallRuns runs, CallRecord record, Runnable after) {
            runs.start(record, loop, () -> {
                session.close(); // unless it has closed otherwise
                after.run();
            });
            runs.parts().beside().execute(session::listen);
            runs.parts().beside().execute(session::speak);
            return session;
        }
    }

    /// @throws SottoException if the guard does not take the call, or the caller may not be transcribed there
    Ready open(
            Tenant tenant, CallFile file, CallAudit audit, ToolDesk tools, RelayPeer peer, Consumer<CallOutcome> end) {
        var guarded = GuardedCall.open(guard, tenant.id(), audit.call());
        try {
            var hearing =
                    guarded.grant(TextMouth.Way.RELAY.destination(), DataClass.RECORDING, StrictTalk.TRANSCRIPTION);
            var opened = new AtomicReference<RelaySession>();
            Line.Source line = ties -> {
                var session = new RelaySession(peer, ties.mailbox(), parts, guarded, hearing);
                opened.set(session);
                return new TextLine(TextLine.Kind.RELAY, session, ties);
            };
            var loop = new CallLoop(
                    parts,
                    line,
                    file,
                    audit,
                    tools,
                    new Receptionist(tenant.transferNumber().isPresent(), parts.times()),
                    false,
                    talking.openText(tenant, guarded, TextMouth.Way.RELAY, "", parts),
                    outcome -> {
                        opened.get().ended(outcome);
                        end.accept(outcome);
                    });
            return new Ready(loop, opened.get());
        } catch (SottoException refused) {
            guarded.close();
            throw refused;
        }
    }
}
