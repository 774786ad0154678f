package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/// One act of sending something protected out of Sotto, before it happens.
///
/// @param destination the sub-processor, by its id in the register
/// @param purpose why, such as `language-model` or `speech-synthesis`
/// @param content what would be sent; never logged
public record Disclosure(
        TenantId tenant,
        Optional<CallId> call,
        String destination,
        DataClass dataClass,
        String purpose,
        SensitiveText content) {
    public Disclosure {
        requireNonNull(tenant, "tenant");
        requireNonNull(call, "call");
        requireNonNull(destination, "destination");
        requireNonNull(dataClass, "dataClass");
        requireNonNull(purpose, "purpose");
        requireNonNull(content, "content");
    }
}
