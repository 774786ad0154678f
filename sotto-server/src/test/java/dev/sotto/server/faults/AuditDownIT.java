package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.CallId;
import dev.sotto.media.AudioClip;
import dev.sotto.server.call.CallReport;
import dev.sotto.server.faults.Phone.Line;
import dev.sotto.store.Role;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What cannot be recorded does not happen: the audit log fails while somebody is on the line.
class AuditDownIT {
    private static final String WHO = "19840512#4417#";
    private static final String ROLE = Role.AUDIT.roleName();
    private static final List<String> ANSWERS = List.of("appointment.next", "appointment.none", "menu.appointment");

    private static Home home;
    private static NodeProcess node;
    private static Database owner;

    @BeforeAll
    static void start() throws Exception {
        home = Home.make("audit-down");
        node = NodeProcess.start(home);
        owner = Database.open(home, Role.OWNER);
    }

    @AfterAll
    static void stop() throws Exception {
        try (Home _ = home;
                NodeProcess _ = node;
                Database _ = owner) {
            assertThat(node.isAlive()).isTrue();
        }
    }

    @Test
    void logUnreachableMidCall_callerIsPassedOnAndToldNothing() throws Exception {
        try (var phone = Phone.at(home)) {
            // The keys come while the announcement runs: they count, and nothing is checked, when it is over.
            Line line = phone.call("+15550135001", AudioClip.empty(), WHO, false);
            CallId id = line.id();
            Await.until("the announcement is being made", () -> line.heard().length > AudioClip.SAMPLE_RATE_HERTZ);
            CallReport report;
            try {
                cutOff();
                report = line.await();
            } finally {
                owner.run("grant connect on database sotto to " + ROLE);
            }

            assertToldNothing(line, report);
            assertThat(line.heard("identity.verified")).isFalse();
            assertServesAgain("+15550135002", id);
        }
    }

    /// The last moment: the caller is known, and the entry that must stand before the answer is refused.
    @Test
    void entryBeforeTheAnswerRefused_answerIsNotGiven() throws Exception {
        owner.run("create function audit.refuse_reading() returns trigger language plpgsql as"
                + " 'begin raise exception ''no''; end'");
        owner.run("create trigger refuse_reading before insert on audit.entry for each row"
                + " when (new.type = 'appointment.read') execute function audit.refuse_reading()");
        try (var phone = Phone.at(home)) {
            Line line = phone.call("+15550135003", AudioClip.empty(), WHO, false);
            CallId id = line.id();
            CallReport report;
            try {
                report = line.await();
            } finally {
                owner.run("drop function audit.refuse_reading() cascade");
            }

            assertToldNothing(line, report);
            assertThat(Paper.of(home).entries(id, "appointment.read")).isEmpty();
            assertServesAgain("+15550135004", id);
        }
    }

    /// Writes wait for a lock that nobody gives back, so appends end by their time limit.
    @Test
    void logHangsMidCall_callerIsPassedOnAndToldNothing() throws Exception {
        try (var phone = Phone.at(home);
                var locking = Database.open(home, Role.OWNER)) {
            Line line = phone.call("+15550135005", AudioClip.empty(), WHO, false);
            CallId id = line.id();
            Await.until("the announcement is being made", () -> line.heard().length > AudioClip.SAMPLE_RATE_HERTZ);
            locking.run("begin");
            locking.run("lock table audit.log in access exclusive mode");
            Await.until("the call is over", () -> {
                locking.run("select 1"); // one that idles is ended by the server
                return line.over();
            });
            locking.run("rollback");

            assertToldNothing(line, line.await());
            assertThat(line.heard("identity.verified")).isFalse();
            assertServesAgain("+15550135006", id);
        }
    }

    /// Lets no new connection of the log in and ends those there are, which only its own role may.
    private static void cutOff() throws Exception {
        try (var itself = Database.open(home, Role.AUDIT)) {
            owner.run("revoke connect on database sotto from " + ROLE);
            itself.rows("select pg_terminate_backend(pid) from pg_stat_activity"
                    + " where usename = current_user and pid <> pg_backend_pid()");
        }
    }

    private static void assertToldNothing(Line line, CallReport report) throws Exception {
        assertThat(line.heard("trouble")).isTrue();
        assertThat(line.heard("transfer.hold")).isTrue();
        assertThat(report.ending()).isEqualTo(new CallReport.Ending.Transferred("+15550100199"));
        for (String clip : ANSWERS) {
            assertThat(line.heard(clip)).as(clip).isFalse();
        }
        Speech.assertNoDate(line.heard());
    }

    /// The next caller is served, what is known of the failed call is kept, and the log is whole.
    private static void assertServesAgain(String from, CallId failed) throws Exception {
        var paper = Paper.of(home);
        Await.until("the log answers again", paper::healthy);
        Await.until(
                "the outcome is kept",
                () -> paper.call(failed).path("outcome").asString("").equals("failed"));
        try (var phone = Phone.at(home)) {
            Line line = phone.call(from, AudioClip.empty(), WHO, false);
            Await.until("the appointment is read", () -> line.heard("appointment.next"));
            line.hangUp();
            assertThat(line.await().ending()).isInstanceOf(CallReport.Ending.HungUp.class);
        }
        var verified = NodeProcess.command(home, "audit", "verify");
        assertThat(verified.out() + verified.err()).startsWith("intact, ");
        assertThat(verified.status()).isZero();
    }
}
