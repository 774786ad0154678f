package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.TenantId;
import java.time.ZoneId;
import java.util.Optional;

/// One business on this installation. Everything here is the business's own and kept in clear.
///
/// @param vertical such as `healthcare`
/// @param zone where its appointments take place
/// @param recording whether its calls are recorded
/// @param transferNumber where a person answers, E.164
/// @param inboundNumber the number callers dial, E.164; one tenant only has it
public record Tenant(
        TenantId id,
        String name,
        String vertical,
        ZoneId zone,
        boolean recording,
        Optional<String> transferNumber,
        String inboundNumber) {
    public Tenant {
        requireNonNull(id, "id");
        Fields.text("name", name, 200);
        Fields.code("vertical", vertical);
        requireNonNull(zone, "zone");
        Fields.e164("inboundNumber", inboundNumber);
        transferNumber.ifPresent(number -> Fields.e164("transferNumber", number));
    }
}
