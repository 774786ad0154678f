package dev.sotto.store;

import static dev.sotto.store.StoreFixture.AGENT;
import static dev.sotto.store.StoreFixture.USER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ConflictException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AppointmentsTest {
    private static final Acting ACTING = Acting.as(USER);
    private static final SensitiveText REASON = SensitiveText.of("check-up");

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

    private Appointments appointments() {
        return fixture.store.appointments();
    }

    @Test
    void subject_isFoundByBothFactorsTogetherOnly() {
        var subjects = fixture.store.subjects();

        assertThat(subjects.findByBirthDateAndPhoneEnd(tenant, StoreFixture.BIRTH_DATE, "4417", ACTING))
                .containsExactly(subject);
        assertThat(subjects.findByBirthDateAndPhoneEnd(tenant, StoreFixture.BIRTH_DATE, "4418", ACTING))
                .isEmpty();
        assertThat(subjects.findByBirthDateAndPhoneEnd(tenant, StoreFixture.BIRTH_DATE, "", ACTING))
                .isEmpty();
        assertThat(subjects.findByBirthDateAndPhoneEnd(tenant, LocalDate.of(1984, 5, 13), "4417", ACTING))
                .isEmpty();
        assertThat(subjects.findByBirthDateAndPhoneEnd(fixture.tenant().id(), StoreFixture.BIRTH_DATE, "4417", ACTING))
                .isEmpty();
    }

    @Test
    void subject_opened_isWhole_andItsIdIsInNoAuditEntry() {
        var opened = fixture.store.subjects().find(tenant, subject, ACTING).orElseThrow();

        assertThat(opened.name().reveal()).isEqualTo("Maria Jones");
        assertThat(opened.birthDate()).isEqualTo(StoreFixture.BIRTH_DATE);
        assertThat(opened.phone().reveal()).isEqualTo("+14155554417");
        assertThat(opened.toString()).doesNotContain("Maria").doesNotContain("1984");
        assertThat(fixture.audit.events())
                .allSatisfy(event -> assertThat(event.toString())
                        .doesNotContain(subject.toString())
                        .doesNotContain("Maria"));
        assertThat(fixture.audit.events("subject.opened").getFirst().subjectHash())
                .isPresent();
    }

    @Test
    void booking_takesTheSlot_cancellingGivesItBack() {
        var call = fixture.connected(tenant);
        var acting = Acting.in(call, AGENT);
        var slot = appointments().addSlot(tenant, fixture.slot(Duration.ofDays(7)), ACTING);
        var later = appointments().addSlot(tenant, fixture.slot(Duration.ofDays(8)), ACTING);
        assertThat(appointments().freeSlots(tenant, fixture.clock.instant(), 10, acting))
                .extracting(Slot::id)
                .containsExactly(slot, later);

        var booked = appointments().book(tenant, subject, slot, REASON, acting);

        assertThat(booked.slot().startsAt().getZone()).isEqualTo(ZoneId.of("America/New_York"));
        assertThat(booked.slot().provider().reveal()).isEqualTo("Doctor Lindqvist");
        assertThat(appointments().freeSlots(tenant, fixture.clock.instant(), 10, acting))
                .extracting(Slot::id)
                .containsExactly(later);
        var next = appointments()
                .next(tenant, subject, fixture.clock.instant(), acting)
                .orElseThrow();
        assertThat(next).isEqualTo(booked);
        assertThat(next.reason()).isEqualTo(REASON);
        assertThatExceptionOfType(ConflictException.class)
                .isThrownBy(() -> appointments().book(tenant, subject, slot, REASON, acting))
                .satisfies(e -> assertThat(e.code()).isEqualTo(StoreError.SLOT_TAKEN));

        assertThat(appointments().cancel(tenant, booked.id(), subject, acting)).isTrue();
        assertThat(appointments().cancel(tenant, booked.id(), subject, acting)).isFalse();
        assertThat(appointments().next(tenant, subject, fixture.clock.instant(), acting))
                .isEmpty();
        assertThat(appointments()
                        .book(tenant, subject, slot, REASON, acting)
                        .slot()
                        .id())
                .isEqualTo(slot);
        assertThat(fixture.audit.events("appointment.booked"))
                .allSatisfy(event -> assertThat(event.resource()).isEqualTo("call/" + call));
    }

    @Test
    void next_isTheSoonestToCome() {
        var late = appointments().addSlot(tenant, fixture.slot(Duration.ofDays(9)), ACTING);
        var soon = appointments().addSlot(tenant, fixture.slot(Duration.ofDays(2)), ACTING);
        appointments().book(tenant, subject, late, REASON, ACTING);
        appointments().book(tenant, subject, soon, REASON, ACTING);
        var now = fixture.clock.instant();

        assertThat(appointments()
                        .next(tenant, subject, now, ACTING)
                        .orElseThrow()
                        .slot()
                        .id())
                .isEqualTo(soon);
        assertThat(appointments()
                        .next(tenant, subject, now.plus(Duration.ofDays(3)), ACTING)
                        .orElseThrow()
                        .slot()
                        .id())
                .isEqualTo(late);
    }

    @Test
    void booking_fromManyAtOnce_succeedsOnce() throws Exception {
        var slot = appointments().addSlot(tenant, fixture.slot(Duration.ofDays(7)), ACTING);

        var won = CallsTest.atOnce(16, () -> {
            try {
                appointments().book(tenant, subject, slot, REASON, ACTING);
                return true;
            } catch (ConflictException taken) {
                return false;
            }
        });

        assertThat(won).containsOnlyOnce(true);
        assertThat(fixture.audit.events("appointment.booked")).hasSize(1);
    }

    @Test
    void booking_ofAnotherTenantsSlotOrSubject_isNotFound() {
        var stranger = fixture.tenant().id();
        var slot = appointments().addSlot(tenant, fixture.slot(Duration.ofDays(7)), ACTING);
        var theirs = fixture.subject(stranger);

        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> appointments().book(stranger, theirs, slot, REASON, ACTING));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> appointments().book(tenant, theirs, slot, REASON, ACTING));
    }

    @Test
    void cancel_bySomebodyElse_doesNothing() {
        var slot = appointments().addSlot(tenant, fixture.slot(Duration.ofDays(7)), ACTING);
        var booked = appointments().book(tenant, subject, slot, REASON, ACTING);
        var other = fixture.subject(tenant);

        assertThat(appointments().cancel(tenant, booked.id(), other, ACTING)).isFalse();
        assertThat(appointments().next(tenant, subject, fixture.clock.instant(), ACTING))
                .contains(booked);
    }

    @Test
    void booking_withoutTheAuditLog_leavesTheSlotFree() {
        var slot = appointments().addSlot(tenant, fixture.slot(Duration.ofDays(7)), ACTING);
        fixture.store.appointments().freeSlots(tenant, fixture.clock.instant(), 1, ACTING);
        fixture.audit.goDown();

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> appointments().book(tenant, subject, slot, REASON, ACTING));
        fixture.audit.comeBack();
        assertThat(appointments().freeSlots(tenant, fixture.clock.instant(), 10, ACTING))
                .extracting(Slot::id)
                .containsExactly(slot);
    }

    @Test
    void appointment_movedToAnotherSubject_doesNotOpen() {
        var slot = appointments().addSlot(tenant, fixture.slot(Duration.ofDays(7)), ACTING);
        var booked = appointments().book(tenant, subject, slot, REASON, ACTING);
        var other = fixture.subject(tenant);
        fixture.tamper(
                tenant,
                "UPDATE sotto.appointment SET subject_id = ? WHERE id = ?",
                other.value(),
                booked.id().value());

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> appointments().next(tenant, other, fixture.clock.instant(), ACTING));
    }
}
