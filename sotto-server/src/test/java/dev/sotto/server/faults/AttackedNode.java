package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.AuditEntry;
import dev.sotto.audit.AuditQuery;
import dev.sotto.audit.Verification;
import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.media.AudioClip;
import dev.sotto.media.RefusalReason;
import dev.sotto.server.call.CallReport;
import dev.sotto.server.up.RunningNode;
import dev.sotto.server.up.SharedNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// A whole demo node in this process, with what it counted and logged of attacks. Stopped and gone when closed.
record AttackedNode(Home home, RunningNode node) implements AutoCloseable {
    static final String WHO = "19840512#4417#";

    /// The entry with the number of those that got none comes when the minute is over.
    private static final Duration UNTIL_AUDITED = Duration.ofSeconds(150);

    static AttackedNode start(String name) throws IOException {
        Home home = Home.make(name);
        return new AttackedNode(home, SharedNode.start(home.places()));
    }

    Paper paper() {
        return Paper.of(home);
    }

    private static String name(RefusalReason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }

    /// How many refusals the metrics tell of.
    long counted(RefusalReason reason) {
        return (long) paper().metric("sotto_media_refused_%s_total".formatted(name(reason)));
    }

    /// How many refusals for `reason` the metrics of the desk tell of.
    long noted(String reason) {
        return (long) paper().metric("sotto_agent_refused_%s_total".formatted(reason));
    }

    List<AuditEntry> refusals() {
        var audit = node.core().services().audit();
        return audit.entries(AuditQuery.first(AuditQuery.LARGEST_LIMIT).type("call.refused"));
    }

    List<AuditEntry> refusals(String reason) {
        return refusals().stream()
                .filter(entry ->
                        reason.equals(entry.body().orElseThrow().details().get("reason")))
                .toList();
    }

    /// How many refusals for `reason` the log tells of, one by one or as a number.
    long audited(String reason) {
        return refusals(reason).stream()
                .mapToLong(entry ->
                        Long.parseLong(entry.body().orElseThrow().details().getOrDefault("count", "1")))
                .sum();
    }

    /// Every refusal that was counted is in the log.
    void assertAudited(RefusalReason reason) throws Exception {
        assertAudited(name(reason), counted(reason));
    }

    void assertAudited(String reason, long counted) throws Exception {
        Await.until("%d of %s are audited".formatted(counted, reason), UNTIL_AUDITED, () -> audited(reason) == counted);
        assertThat(refusals(reason))
                .allSatisfy(entry -> assertThat(entry.actor().kind()).isEqualTo(ActorId.Kind.NODE));
    }

    void assertIntact() {
        assertThat(node.core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
    }

    /// A caller who rings now is verified and told the next appointment.
    CallId assertServes(String from) throws Exception {
        try (var phone = Phone.at(home)) {
            Phone.Line line = phone.call(from, AudioClip.empty(), WHO, false);
            return assertServed(line);
        }
    }

    CallId assertServed(Phone.Line line) throws Exception {
        Await.until("the appointment is read", () -> line.heard("appointment.next"));
        line.hangUp();
        assertThat(line.await().ending()).isInstanceOf(CallReport.Ending.HungUp.class);
        CallId id = line.id();
        assertThat(paper().call(id).path("verified").asBoolean(false)).isTrue();
        return id;
    }

    @Override
    public void close() throws IOException {
        try (home) {
            node.close();
        }
    }
}
