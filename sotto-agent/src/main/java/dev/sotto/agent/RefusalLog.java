package dev.sotto.agent;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditSink;
import dev.sotto.core.Meter;
import dev.sotto.core.UnavailableException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts refusals into the audit log at a bounded rate: the first few of a reason in a minute as they are, the rest as
/// one
/// entry with their number. Every one is counted. Thread-safe; may block on the audit log.
final class RefusalLog {
    private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);
    private static final Duration WINDOW = Duration.ofMinutes(1);

    private static final class Window {
        private int audited;
        private long more;
    }

    private final AuditSink audit;
    private final ActorId node;
    private final Timers timers;
    private final Executor beside;
    private final Meter meter;
    private final int limit;
    private final Map<String, Window> windows = new HashMap<>();

    RefusalLog(AuditSink audit, ActorId node, Timers timers, Executor beside, Meter meter, int limit) {
        this.audit = audit;
        this.node = node;
        this.timers = timers;
        this.beside = beside;
        this.meter = meter;
        this.limit = limit;
    }

    /// Notes one refusal.
    ///
    /// @param reason the lower-case name of a constant, never input
    void note(String reason, Map<String, String> details) {
        meter.count("agent.refused." + reason);
        synchronized (windows) {
            var window = windows.get(reason);
            if (window == null) {
                window = new Window();
                windows.put(reason, window);
                timers.after(WINDOW, () -> beside.execute(() -> close(reason)));
            }
            if (window.audited >= limit) {
                window.more++;
                return;
            }
            window.audited++;
        }
        append(reason, details);
    }

    private void close(String reason) {
        Window window;
        synchronized (windows) {
            window = windows.remove(reason);
        }
        if (window != null && window.more > 0) {
            append(reason, Map.of("count", Long.toString(window.more)));
        }
    }

    private void append(String reason, Map<String, String> details) {
        var event = AuditEvent.of("call.refused", node).detail("reason", reason);
        details.forEach(event::detail);
        try {
            audit.append(event.build());
        } catch (UnavailableException down) {
            // The refusal stands either way; it was counted.
            meter.count("agent.refused.unaudited");
            log.atWarn()
                    .addKeyValue("event", "agent.refusal.unaudited")
                    .addKeyValue("code", down.code().name())
                    .log("a refusal could not be recorded");
        }
    }
}
