package dev.sotto.agent;

import dev.sotto.core.SottoException;
import dev.sotto.store.CallRecord;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs loops of calls to their ends, and hands what is left of them to the aftercare. Thread-safe.
record CallRuns(CallParts parts, Aftercare aftercare) {
    private static final Logger log = LoggerFactory.getLogger(CallRuns.class);

    /// Starts a call beside the caller's thread.
    ///
    /// @param after runs when the call is over, whatever came of it
    void start(CallRecord record, CallLoop loop, Runnable after) {
        parts.meter().count("agent.call.started");
        log.atInfo()
                .addKeyValue("event", "agent.call.started")
                .addKeyValue("call", record.id())
                .addKeyValue("tenant", record.tenant())
                .addKeyValue("channel", record.channel())
                .log("a call connected");
        parts.beside().execute(() -> {
            try {
                var end = loop.run();
                if (!end.whole()) {
                    aftercare.take(end);
                }
                log.atInfo()
                        .addKeyValue("event", "agent.call.ended")
                        .addKeyValue("call", record.id())
                        .addKeyValue("outcome", end.outcome())
                        .log("a call ended");
                parts.meter().count("agent.call.ended." + end.outcome().name().toLowerCase(Locale.ROOT));
            } finally {
                after.run();
            }
        });
    }

    static void unavailable(String event, SottoException failure) {
        log.atWarn()
                .addKeyValue("event", event)
                .addKeyValue("code", failure.code().name())
                .log("the store or the audit log does not answer");
    }
}
