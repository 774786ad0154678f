package dev.sotto.store;

import dev.sotto.core.ArtifactId;
import dev.sotto.core.CallId;
import java.time.Duration;
import java.time.Instant;

/// A sealed audio object: a recording or a message.
///
/// @param audioBytes how much mu-law it holds; while it is written, how much is known to be durable
/// @param sealedBytes the size of its file; 0 while it is written
/// @param duration of the audio
public record RecordingInfo(
        ArtifactId id,
        CallId call,
        ArtifactKind kind,
        ArtifactState state,
        Instant startedAt,
        long audioBytes,
        long sealedBytes,
        Duration duration) {}
