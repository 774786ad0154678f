package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/// One act of opening a stream of protected media to somebody, before its first byte. What flows under it is counted
/// and not looked at.
///
/// @param destination the sub-processor, by its id in the register
/// @param dataClass what flows; a stream has one class
/// @param purpose why, such as `transcription`
public record StreamDisclosure(
        TenantId tenant, Optional<CallId> call, String destination, DataClass dataClass, String purpose) {
    public StreamDisclosure {
        requireNonNull(tenant, "tenant");
        requireNonNull(call, "call");
        requireNonNull(destination, "destination");
        requireNonNull(dataClass, "dataClass");
        requireNonNull(purpose, "purpose");
    }
}
