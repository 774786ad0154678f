package dev.sotto.store;

import java.time.Duration;

/// What a sealed audio object is.
public enum ArtifactKind {
    /// A call: mu-law at 8 kHz, caller and agent interleaved byte by byte.
    RECORDING(16_000),
    /// A message the caller left: mu-law at 8 kHz, one channel.
    MESSAGE(8_000);

    private final int bytesPerSecond;

    ArtifactKind(int bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /// How many bytes of audio one second takes.
    public int bytesPerSecond() {
        return bytesPerSecond;
    }

    Duration duration(long audioBytes) {
        return Duration.ofMillis(audioBytes * 1000 / bytesPerSecond);
    }
}
