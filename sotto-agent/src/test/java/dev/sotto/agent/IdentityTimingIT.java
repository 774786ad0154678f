package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.media.Answer;
import dev.sotto.store.AttemptLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How long a caller waits for the identity check, in real time over a real database.
class IdentityTimingIT {
    private static final int ROUNDS = 5;
    private static final AttemptLimits MANY = new AttemptLimits(1_000, 1_000, 1_000, 1_000);

    @TempDir
    Path objects;

    @Test
    void failuresOfEveryKind_takeTheSameTime() throws Exception {
        try (var rig = new DeskRig(objects, false, Optional.empty());
                var timers = new SystemTimers()) {
            rig.patients();
            var sid = DeskRig.sid();
            var connect = (Answer.Connect) rig.desk("n1").answer(rig.incoming(sid));
            var file = new StoreCallFile(
                    rig.store, rig.id(), connect.call(), SensitiveText.of("+15550104417"), MANY, rig.timers.clock());
            var audit = new CallAudit(rig.keys.audit, rig.id(), connect.call());
            var tools = new ToolDesk(file, audit, new IdentityGate(file, audit, MANY), DeskRig.ZONE, false);
            var parts = new CallParts(
                    CallRig.VOICE,
                    CallRig.TIMES,
                    CallLimits.defaults(),
                    timers,
                    rig.beside,
                    rig.timers.clock(),
                    rig.ids,
                    rig.meter);
            var mailbox = new Mailbox(8);
            var work = new CallWork(parts, tools, mailbox, () -> Duration.ZERO, (_, _, _, _) -> {});
            var kinds = Map.of(
                    "nobody", List.of("19990101", "0000"),
                    "wrong factor", List.of("19840512", "9999"),
                    "no date", List.of("19841399", "4417"),
                    "short", List.of("1", "1"));
            var medians = new LinkedHashMap<String, Long>();
            kinds.forEach((kind, entry) -> medians.put(kind, median(work, mailbox, entry)));

            long least =
                    medians.values().stream().mapToLong(Long::longValue).min().orElseThrow();
            long most =
                    medians.values().stream().mapToLong(Long::longValue).max().orElseThrow();
            assertThat(least).as("%s", medians).isGreaterThanOrEqualTo(600);
            assertThat(most - least).as("%s", medians).isLessThan(60);
        }
    }

    private static long median(CallWork work, Mailbox mailbox, List<String> entry) {
        var times = new ArrayList<Long>();
        for (int i = 0; i < ROUNDS; i++) {
            long began = System.nanoTime();
            work.ask(
                    i,
                    "verify_identity",
                    ToolJson.identity(SensitiveText.of(entry.get(0)), SensitiveText.of(entry.get(1))));
            try {
                assertThat(mailbox.take())
                        .isInstanceOfSatisfying(
                                CallEvent.ToolAnswered.class,
                                answer -> assertThat(answer.result()).isInstanceOf(ToolResult.NotVerified.class));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            times.add((System.nanoTime() - began) / 1_000_000);
        }
        times.sort(null);
        return times.get(ROUNDS / 2);
    }
}
