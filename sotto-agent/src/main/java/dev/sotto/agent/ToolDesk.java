package dev.sotto.agent;

import static java.util.Objects.requireNonNull;

import dev.sotto.agent.ToolResult.Booking;
import dev.sotto.agent.ToolResult.Offer;
import dev.sotto.agent.ToolResult.Why;
import dev.sotto.core.AppointmentId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SlotId;
import dev.sotto.core.SubjectId;
import dev.sotto.core.UnavailableException;
import dev.sotto.store.Appointment;
import dev.sotto.store.IdentityAttempt.Factors;
import java.time.ZoneId;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the tools of one call: audits, checks arguments, asks the gate, acts, audits again, and only then answers.
/// Thread-safe; blocks.
final class ToolDesk {
    private static final Logger log = LoggerFactory.getLogger(ToolDesk.class);
    private static final int OFFERS = 3;
    private static final int MAX_KNOWN = 64;

    private final CallFile file;
    private final CallAudit audit;
    private final IdentityGate gate;
    private final ZoneId zone;
    private final boolean person;
    private final Set<String> offeredSlots = ConcurrentHashMap.newKeySet();
    private final Set<String> readAppointments = ConcurrentHashMap.newKeySet();

    /// @param zone where the tenant's appointments take place
    /// @param person whether there is a number to pass callers to
    ToolDesk(CallFile file, CallAudit audit, IdentityGate gate, ZoneId zone, boolean person) {
        this.file = file;
        this.audit = audit;
        this.gate = gate;
        this.zone = zone;
        this.person = person;
    }

    /// Whether the gate knows the caller.
    boolean verified() {
        return gate.verified().isPresent();
    }

    /// Runs the tool called `name`. Never throws for anything that the name or the arguments hold.
    ///
    /// @param arguments a JSON object of strings
    ToolResult run(String name, SensitiveText arguments) {
        var tool = Tool.named(name);
        var known = tool.map(Tool::wireName).orElse("unknown");
        try {
            audit.append("tool.called", Map.of("tool", known));
            var result = tool.map(found -> checked(found, arguments))
                    .orElseGet(() -> new ToolResult.Refused(Why.UNKNOWN_TOOL));
            audit.append("tool.answered", Map.of("tool", known, "outcome", result.word()));
            return result;
        } catch (UnavailableException down) {
            log.atWarn()
                    .addKeyValue("event", "agent.tool.unavailable")
                    .addKeyValue("call", audit.call())
                    .addKeyValue("tool", known)
                    .addKeyValue("code", down.code().name())
                    .log("a tool could not run");
            return new ToolResult.Unavailable();
        }
    }

    private ToolResult checked(Tool tool, SensitiveText json) {
        return switch (ToolArguments.check(tool, json)) {
            case ToolArguments.Fit(Map<String, String> arguments) -> permitted(tool, arguments);
            case ToolArguments.Unfit(Why why) -> new ToolResult.Refused(why);
        };
    }

    private ToolResult permitted(Tool tool, Map<String, String> arguments) {
        if (!tool.needsIdentity()) {
            return open(tool, arguments);
        }
        return gate.verified()
                .map(subject -> guarded(tool, subject, arguments))
                .orElseGet(() -> new ToolResult.Refused(Why.IDENTITY_REQUIRED));
    }

    private static Factors factors(Map<String, String> arguments) {
        var birthDate =
                SensitiveText.of(requireNonNull(arguments.get("birth_date")).replace("-", ""));
        var name = arguments.get("name");
        return name == null
                ? new Factors.PhoneEnd(birthDate, SensitiveText.of(requireNonNull(arguments.get("phone_last4"))))
                : new Factors.Name(SensitiveText.of(name), birthDate);
    }

    private ToolResult open(Tool tool, Map<String, String> arguments) {
        return switch (tool) {
            case VERIFY_IDENTITY -> gate.check(factors(arguments));
            case TAKE_MESSAGE -> new ToolResult.TakingMessage();
            case TRANSFER_TO_HUMAN -> person ? new ToolResult.Transferring() : new ToolResult.NobodyThere();
            case LOOKUP_APPOINTMENT, BOOK, CANCEL -> throw new IllegalStateException("tool needs identity");
        };
    }

    private ToolResult guarded(Tool tool, SubjectId subject, Map<String, String> arguments) {
        return switch (tool) {
            case LOOKUP_APPOINTMENT ->
                file.next(subject)
                        .<ToolResult>map(found -> new ToolResult.AppointmentFound(read(found)))
                        .orElseGet(ToolResult.NoAppointment::new);
            case BOOK -> {
                var slot = arguments.get("slot");
                yield slot == null ? offer() : book(subject, slot);
            }
            case CANCEL -> cancel(subject, requireNonNull(arguments.get("appointment")));
            case VERIFY_IDENTITY, TAKE_MESSAGE, TRANSFER_TO_HUMAN ->
                throw new IllegalStateException("tool needs no identity");
        };
    }

    private ToolResult offer() {
        var offers = file.freeSlots(OFFERS).stream()
                .map(slot -> new Offer(
                        slot.id().toString(),
                        slot.startsAt().withZoneSameInstant(zone).toLocalDateTime()))
                .toList();
        forgetIfMany(offeredSlots);
        offers.forEach(offer -> offeredSlots.add(offer.slot()));
        return new ToolResult.Offered(offers);
    }

    private ToolResult book(SubjectId subject, String slot) {
        if (!offeredSlots.contains(slot)) {
            return new ToolResult.Refused(Why.NOT_OFFERED);
        }
        try {
            return new ToolResult.Booked(read(file.book(subject, SlotId.parse(slot))));
        } catch (ConflictException taken) {
            return new ToolResult.SlotTaken();
        }
    }

    private ToolResult cancel(SubjectId subject, String appointment) {
        if (!readAppointments.contains(appointment)) {
            return new ToolResult.Refused(Why.NOT_OFFERED);
        }
        return file.cancel(AppointmentId.parse(appointment), subject)
                ? new ToolResult.Cancelled()
                : new ToolResult.NothingToCancel();
    }

    private Booking read(Appointment appointment) {
        var id = appointment.id().toString();
        forgetIfMany(readAppointments);
        readAppointments.add(id);
        return new Booking(
                id, appointment.slot().startsAt().withZoneSameInstant(zone).toLocalDateTime());
    }

    /// A model may ask for ever; the call does not remember for ever.
    private static void forgetIfMany(Set<String> known) {
        if (known.size() >= MAX_KNOWN) {
            known.clear();
        }
    }
}
