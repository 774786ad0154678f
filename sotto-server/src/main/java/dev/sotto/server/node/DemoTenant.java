package dev.sotto.server.node;

import dev.sotto.core.ActorId;
import dev.sotto.core.IdSource;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SlotId;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import dev.sotto.store.Acting;
import dev.sotto.store.Appointments;
import dev.sotto.store.AttemptLimits;
import dev.sotto.store.NewSlot;
import dev.sotto.store.NewSubject;
import dev.sotto.store.Slot;
import dev.sotto.store.Store;
import dev.sotto.store.Tenant;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.TemporalAdjusters;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// The made-up clinic of `up --demo`. Nobody in it exists: the numbers are in area code 555, which is not in use.
/// Made once; later starts only see to it that there is something to ask about.
///
/// @param accountSid the carrier account that `sotto call` plays
/// @param authToken what it signs its requests with
public record DemoTenant(
        TenantId tenant, String name, String inboundNumber, String accountSid, SensitiveText authToken) {
    static final String NAME = "Lakeside Clinic";
    static final String INBOUND = "+15550100100";
    /// Enough to try the same call over and over; nobody can be guessed here.
    static final AttemptLimits ATTEMPTS = new AttemptLimits(3, 100, 100, 5_000);
    private static final String TRANSFER = "+15550100199";
    private static final ZoneId ZONE = ZoneId.of("America/New_York");
    private static final int TOKEN_BYTES = 16;
    private static final int FREE_SLOTS = 6;
    private static final int DAYS_OFFERED = 10;
    private static final Duration VISIT = Duration.ofMinutes(30);
    private static final LocalTime BOOKED_AT = LocalTime.of(10, 30);
    private static final List<LocalTime> OFFERED = List.of(LocalTime.of(9, 0), LocalTime.of(14, 15));

    /// Somebody who does not exist.
    private record Patient(String name, LocalDate born, String phone) {
        NewSubject subject() {
            return new NewSubject(SensitiveText.of(name), born, SensitiveText.of(phone));
        }
    }

    /// The first of them is whom the first call in the README asks about.
    private static final List<Patient> PATIENTS = List.of(
            new Patient("Maren Oakfield", LocalDate.of(1984, 5, 12), "+15550104417"),
            new Patient("Tobias Lindqvist", LocalDate.of(1979, 11, 2), "+15550102086"),
            new Patient("Amara Whitlow", LocalDate.of(1979, 11, 2), "+15550107351"),
            new Patient("Jonas Feather", LocalDate.of(1951, 1, 30), "+15550101190"),
            new Patient("Priya Halloran", LocalDate.of(1992, 7, 8), "+15550106624"),
            new Patient("Elena Brightwater", LocalDate.of(2001, 3, 19), "+15550103942"),
            new Patient("Samuel Okonjo-Reed", LocalDate.of(1966, 9, 25), "+15550108803"),
            new Patient("Ingrid Palewater", LocalDate.of(1938, 12, 4), "+15550105577"),
            new Patient("Desmond Fairlie", LocalDate.of(2010, 6, 14), "+15550109015"));

    static DemoTenant provide(Foundation foundation, Store store) {
        var ids = new IdSource(foundation.clock(), foundation.random());
        Acting acting =
                Acting.as(new ActorId(ActorId.Kind.NODE, foundation.data().nodeId()));
        Optional<Tenant> found = store.tenants().byInboundNumber(INBOUND);
        Tenant tenant = found.orElseGet(
                () -> new Tenant(ids.tenantId(), NAME, "healthcare", ZONE, true, Optional.of(TRANSFER), INBOUND));
        if (found.isEmpty()) {
            store.tenants().create(tenant);
        }
        Instant now = foundation.clock().instant();
        Patient first = PATIENTS.getFirst();
        List<SubjectId> known =
                store.subjects().findByBirthDateAndPhoneEnd(tenant.id(), first.born(), lastFour(first), acting);
        SubjectId subject = known.isEmpty() ? admit(store, tenant.id(), acting) : known.getFirst();
        fillCalendar(store.appointments(), tenant.id(), subject, now, acting);
        return new DemoTenant(
                tenant.id(),
                tenant.name(),
                tenant.inboundNumber(),
                accountSid(tenant.id()),
                token(foundation.state(), foundation.random()));
    }

    private static String lastFour(Patient patient) {
        return patient.phone().substring(patient.phone().length() - 4);
    }

    /// Keeps every patient. The first goes in last: whoever finds that one finds them all.
    private static SubjectId admit(Store store, TenantId tenant, Acting acting) {
        PATIENTS.stream().skip(1).forEach(patient -> store.subjects().create(tenant, patient.subject(), acting));
        return store.subjects().create(tenant, PATIENTS.getFirst().subject(), acting);
    }

    private static void fillCalendar(
            Appointments appointments, TenantId tenant, SubjectId subject, Instant now, Acting acting) {
        if (appointments.next(tenant, subject, now, acting).isEmpty()) {
            ZonedDateTime nextWeek = now.atZone(ZONE)
                    .with(TemporalAdjusters.next(DayOfWeek.MONDAY))
                    .with(TemporalAdjusters.next(DayOfWeek.TUESDAY))
                    .with(BOOKED_AT);
            SlotId booked = appointments.addSlot(tenant, slot(nextWeek), acting);
            appointments.book(tenant, subject, booked, SensitiveText.of("check-up"), acting);
        }
        List<Slot> free = appointments.freeSlots(tenant, now.plus(Duration.ofHours(1)), FREE_SLOTS, acting);
        if (free.size() >= FREE_SLOTS) {
            return;
        }
        LocalDate day = now.atZone(ZONE).toLocalDate();
        for (int offered = 0; offered < DAYS_OFFERED; ) {
            day = day.plusDays(1);
            if (day.getDayOfWeek().getValue() < DayOfWeek.SATURDAY.getValue()) {
                for (LocalTime time : OFFERED) {
                    appointments.addSlot(tenant, slot(day.atTime(time).atZone(ZONE)), acting);
                }
                offered++;
            }
        }
    }

    private static NewSlot slot(ZonedDateTime start) {
        return new NewSlot(start.toInstant(), VISIT, SensitiveText.of("Dr. Okafor"));
    }

    private static String accountSid(TenantId tenant) {
        return "AC" + tenant.value().toString().replace("-", "");
    }

    private static SensitiveText token(StateDirectory state, SecureRandom random) {
        if (!Files.exists(state.demoTwilioToken())) {
            byte[] bytes = new byte[TOKEN_BYTES];
            random.nextBytes(bytes);
            PrivateFiles.write(state.demoTwilioToken(), HexFormat.of().formatHex(bytes));
        }
        return SensitiveText.of(PrivateFiles.readText(state.demoTwilioToken()));
    }
}
