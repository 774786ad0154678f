package dev.sotto.store;

import dev.sotto.core.ArtifactId;
import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;

/// What recovery made of an object that a dead node left behind.
///
/// @param state [ArtifactState#RECOVERED] or [ArtifactState#TAMPERED]
/// @param wholeChunks how many whole chunks of 16 KiB it had
public record Recovered(TenantId tenant, CallId call, ArtifactId id, ArtifactState state, long wholeChunks) {}
