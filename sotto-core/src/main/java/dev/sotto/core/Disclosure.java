package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/// One act of sending something protected out of Sotto, before it happens.
///
/// @param destination the sub-processor, by its id in the register
/// @param purpose why, such as `language-model` or `speech-synthesis`
/// @param pieces what would be sent, in order, 1 to [#MAX_PIECES]; never logged
public record Disclosure(
        TenantId tenant,
        Optional<CallId> call,
        String destination,
        DataClass dataClass,
        String purpose,
        List<SensitiveText> pieces) {
    /// More than this is more than one act.
    public static final int MAX_PIECES = 512;

    public Disclosure {
        requireNonNull(tenant, "tenant");
        requireNonNull(call, "call");
        requireNonNull(destination, "destination");
        requireNonNull(dataClass, "dataClass");
        requireNonNull(purpose, "purpose");
        pieces = List.copyOf(pieces);
        if (pieces.isEmpty() || pieces.size() > MAX_PIECES) {
            throw new IllegalArgumentException("pieces (%d) must be 1 to %d".formatted(pieces.size(), MAX_PIECES));
        }
    }
}
