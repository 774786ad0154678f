package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.ActorId;
import dev.sotto.testkit.FakeAuditSink;
import dev.sotto.testkit.FakeMeter;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RefusalLogTest {
    private final FakeAuditSink audit = new FakeAuditSink();
    private final FakeMeter meter = new FakeMeter();
    private final FakeTimers timers = new FakeTimers();
    private final RefusalLog log =
            new RefusalLog(audit, new ActorId(ActorId.Kind.NODE, "n1"), timers, Runnable::run, meter, 3);

    @Test
    void flood_getsAFewEntriesAndOneCount() {
        for (int i = 0; i < 10_000; i++) {
            log.note("bad_signature", Map.of());
        }
        assertThat(audit.events()).hasSize(3);
        timers.advance(Duration.ofMinutes(1));

        assertThat(audit.events()).hasSize(4);
        assertThat(audit.events().getLast().details()).containsEntry("count", "9997");
        assertThat(meter.counted("agent.refused.bad_signature")).isEqualTo(10_000);

        log.note("bad_signature", Map.of());
        assertThat(audit.events()).hasSize(5);
        timers.advance(Duration.ofMinutes(1));
        assertThat(audit.events()).hasSize(5);
    }

    @Test
    void reasons_doNotHideEachOther() {
        for (int i = 0; i < 5; i++) {
            log.note("bad_signature", Map.of());
        }
        log.note("bad_token", Map.of("carrier_call", "CA1"));

        assertThat(audit.events().getLast().details()).containsEntry("reason", "bad_token");
    }

    @Test
    void auditDown_isCounted() {
        audit.goDown();
        log.note("bad_token", Map.of());

        assertThat(meter.counted("agent.refused.unaudited")).isEqualTo(1);
    }
}
