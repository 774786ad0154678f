package dev.sotto.store;

import static dev.sotto.store.StoreFixture.AGENT;
import static dev.sotto.store.StoreFixture.USER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.CallId;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class IdentityAttemptsTest {
    private static final AttemptLimits WIDE = new AttemptLimits(1000, 1000, 1000, 1000);
    private static final Identification UNMATCHED = new Identification.Unmatched();

    @TempDir
    static Path objects;

    private StoreFixture fixture;
    private TenantId tenant;
    private SubjectId subject;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(TestPostgres.shared(), objects);
        tenant = fixture.tenant().id();
        subject = fixture.subject(tenant);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private Identification identify(String birthDate, String end) {
        return identify(fixture.ids.callId(), "+14155550123", birthDate, end, WIDE, fixture.clock.instant());
    }

    private Identification identify(
            CallId call, String number, String birthDate, String end, AttemptLimits limits, Instant now) {
        var attempt =
                new IdentityAttempt(call, SensitiveText.of(number), SensitiveText.of(birthDate), SensitiveText.of(end));
        return fixture.store.attempts().identify(tenant, attempt, limits, now, Acting.in(call, AGENT));
    }

    @Test
    void identify_withBothFactors_matchesTheOnePerson() {
        assertThat(identify("19840512", "4417")).isEqualTo(new Identification.Matched(subject));
    }

    @Test
    void identify_withAnythingElse_matchesNobody() {
        assertThat(identify("19840512", "4418")).isEqualTo(UNMATCHED);
        assertThat(identify("19840513", "4417")).isEqualTo(UNMATCHED);
        assertThat(identify("", "")).isEqualTo(UNMATCHED);
        assertThat(identify("1984-05-12", "4417")).isEqualTo(UNMATCHED);
        assertThat(identify("198405124", "417")).isEqualTo(UNMATCHED);
        assertThat(identify("19840230", "4417")).isEqualTo(UNMATCHED);
        assertThat(identify("not-a-date:1984", "4417")).isEqualTo(UNMATCHED);
    }

    private Identification identifyByName(String name, String birthDate) {
        var call = fixture.ids.callId();
        var factors = new IdentityAttempt.Factors.Name(SensitiveText.of(name), SensitiveText.of(birthDate));
        var attempt = new IdentityAttempt(call, SensitiveText.of("+14155550123"), factors);
        return fixture.store
                .attempts()
                .identify(tenant, attempt, WIDE, fixture.clock.instant(), Acting.in(call, AGENT));
    }

    @Test
    void identifyByName_withNameAndBirthDate_matchesTheOnePerson() {
        String name = fixture.store
                .subjects()
                .find(tenant, subject, Acting.as(USER))
                .orElseThrow()
                .name()
                .reveal();

        assertThat(identifyByName(name, "19840512")).isEqualTo(new Identification.Matched(subject));
        assertThat(identifyByName("  " + name.toUpperCase(Locale.ROOT).replace(" ", "  ") + " ", "19840512"))
                .isEqualTo(new Identification.Matched(subject));
    }

    @Test
    void identifyByName_withAnythingElse_matchesNobody() {
        assertThat(identifyByName("Somebody Else", "19840512")).isEqualTo(UNMATCHED);
        assertThat(identifyByName("", "")).isEqualTo(UNMATCHED);
        assertThat(identifyByName("", "no-date")).isEqualTo(UNMATCHED);
        assertThat(identifyByName("4417", "19840512")).isEqualTo(UNMATCHED);
    }

    @Test
    void attempts_ofBothKindsOnOneBirthDate_areCountedTogether() {
        var limits = new AttemptLimits(1000, 2, 1000, 1000);
        var now = fixture.clock.instant();
        identify(fixture.ids.callId(), "+14155550101", "19840512", "0001", limits, now);
        identifyByName("Wrong Name", "19840512");

        assertThat(identify(fixture.ids.callId(), "+14155550102", "19840512", "4417", limits, now))
                .isEqualTo(new Identification.Locked(Identification.Scope.SUBJECT));
    }

    @Test
    void identify_whenTwoPersonsFit_matchesNobody() {
        fixture.store
                .subjects()
                .create(
                        tenant,
                        new NewSubject(
                                SensitiveText.of("Mario Jones"),
                                LocalDate.of(1984, 5, 12),
                                SensitiveText.of("+14155564417")),
                        Acting.as(USER));

        assertThat(identify("19840512", "4417")).isEqualTo(UNMATCHED);
    }

    @Test
    void identify_tooOftenInACall_isLocked() {
        var call = fixture.ids.callId();
        var limits = new AttemptLimits(3, 100, 100, 100);
        for (int i = 0; i < 3; i++) {
            assertThat(identify(call, "+1" + (4155550100L + i), "1984051" + i, "0000", limits, StoreFixture.NOW))
                    .isEqualTo(UNMATCHED);
        }

        assertThat(identify(call, "+14155550199", "19840512", "4417", limits, StoreFixture.NOW))
                .isEqualTo(new Identification.Locked(Identification.Scope.CALL));
    }

    @Test
    void identify_tooOftenForABirthDate_isLockedWhoeverAsksAndWhetherOrNotItExists() {
        var limits = new AttemptLimits(100, 5, 100, 100);
        for (String birthDate : new String[] {"19840512", "19500101", "nonsense"}) {
            for (int i = 0; i < 5; i++) {
                assertThat(identify(
                                fixture.ids.callId(),
                                "+1" + (4155550100L + i),
                                birthDate,
                                "000" + i,
                                limits,
                                StoreFixture.NOW))
                        .isEqualTo(UNMATCHED);
            }
            assertThat(identify(fixture.ids.callId(), "+14155550199", birthDate, "4417", limits, StoreFixture.NOW))
                    .isEqualTo(new Identification.Locked(Identification.Scope.SUBJECT));
        }
    }

    @Test
    void identify_tooOftenFromANumber_isLockedUntilTheNextHour() {
        var limits = new AttemptLimits(100, 100, 10, 100);
        for (int i = 0; i < 10; i++) {
            identify(fixture.ids.callId(), "+14155550123", "1950010" + i, "0000", limits, StoreFixture.NOW);
        }

        assertThat(identify(fixture.ids.callId(), "+14155550123", "19840512", "4417", limits, StoreFixture.NOW))
                .isEqualTo(new Identification.Locked(Identification.Scope.CALLER));
        assertThat(identify(
                        fixture.ids.callId(),
                        "+14155550123",
                        "19840512",
                        "4417",
                        limits,
                        StoreFixture.NOW.plus(Duration.ofHours(1))))
                .isEqualTo(new Identification.Matched(subject));
    }

    @Test
    void identify_tooOftenForTheTenant_isLockedAndKeepsNoMoreRows() {
        var limits = new AttemptLimits(100, 100, 100, 20);
        for (int i = 0; i < 60; i++) {
            identify(
                    fixture.ids.callId(),
                    "+1" + (4155550000L + i),
                    "195001" + (10 + i % 20),
                    "0000",
                    limits,
                    StoreFixture.NOW);
        }

        assertThat(identify(fixture.ids.callId(), "+14155550123", "19840512", "4417", limits, StoreFixture.NOW))
                .isEqualTo(new Identification.Locked(Identification.Scope.TENANT));
        assertThat(rows()).isLessThanOrEqualTo(1 + 4 * 20);
    }

    @Test
    void attempts_whoseTimeIsOver_areForgotten() {
        for (int i = 0; i < 10; i++) {
            identify("1950010" + i, "0000");
        }
        long before = rows();

        fixture.clock.advance(Duration.ofDays(2));
        identify("19500101", "0000");

        assertThat(rows()).isLessThan(before).isLessThanOrEqualTo(5);
    }

    @Test
    void identify_fromManyNodesAtOnce_countsEveryOne() throws Exception {
        var limits = new AttemptLimits(1000, 1000, 10, 1000);
        try (var second = new StoreFixture(fixture.postgres, objects, "node-b", fixture.kms)) {
            var nodes = new StoreFixture[] {fixture, second};
            var turn = new java.util.concurrent.atomic.AtomicInteger();
            var outcomes = CallsTest.atOnce(24, () -> {
                int i = turn.getAndIncrement();
                var attempt = new IdentityAttempt(
                        fixture.ids.callId(),
                        SensitiveText.of("+14155550123"),
                        SensitiveText.of("195001" + (10 + i % 20)),
                        SensitiveText.of("0000"));
                return nodes[i % 2]
                        .store
                        .attempts()
                        .identify(tenant, attempt, limits, StoreFixture.NOW, Acting.as(AGENT));
            });

            assertThat(outcomes).filteredOn(UNMATCHED::equals).hasSize(10);
            assertThat(outcomes)
                    .filteredOn(new Identification.Locked(Identification.Scope.CALLER)::equals)
                    .hasSize(14);
        }
    }

    @Test
    void identify_hitAndMiss_doTheSameWorkInTheDatabase() {
        identify("19840512", "4417");
        identify("19700101", "1111");

        long hit = statementsOf(() -> identify("19840512", "4417"));
        long miss = statementsOf(() -> identify("19700101", "1111"));
        long malformed = statementsOf(() -> identify("xx", ""));

        assertThat(hit).isEqualTo(miss).isEqualTo(malformed).isPositive();
    }

    /// How many rows of counters one attempt touched.
    private long statementsOf(Runnable attempt) {
        long before = counted();
        attempt.run();
        return counted() - before;
    }

    private long counted() {
        return number("SELECT coalesce(sum(attempts), 0) AS number FROM sotto.identity_attempt");
    }

    private long rows() {
        return number("SELECT count(*) AS number FROM sotto.identity_attempt");
    }

    private long number(String query) {
        return new Transactions(fixture.postgres.dataSource(Role.APP), fixture.meter)
                .in(tenant, sql -> sql.first(row -> row.number("number"), query).orElseThrow());
    }
}
