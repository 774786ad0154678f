package dev.sotto.media;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// Sound: 8 kHz mu-law, one channel. Immutable; equal if the bytes are.
public final class AudioClip {
    /// Bytes, which are samples, a second.
    public static final int SAMPLE_RATE_HERTZ = 8_000;

    private static final AudioClip EMPTY = new AudioClip(new byte[0]);

    private final byte[] mulaw;

    private AudioClip(byte[] mulaw) {
        this.mulaw = mulaw;
    }

    /// Copies `mulaw`.
    public static AudioClip of(byte[] mulaw) {
        return new AudioClip(mulaw.clone());
    }

    public static AudioClip empty() {
        return EMPTY;
    }

    /// Silence, rounded down to a whole sample.
    public static AudioClip silence(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("duration (%s) must not be negative".formatted(duration));
        }
        var mulaw = new byte[Math.toIntExact(duration.toNanos() / (1_000_000_000L / SAMPLE_RATE_HERTZ))];
        Arrays.fill(mulaw, Mulaw.SILENCE);
        return new AudioClip(mulaw);
    }

    /// One after the other, without a gap.
    public static AudioClip concat(List<AudioClip> clips) {
        int size = clips.stream().mapToInt(AudioClip::sizeBytes).reduce(0, Math::addExact);
        var mulaw = new byte[size];
        int at = 0;
        for (var clip : clips) {
            System.arraycopy(clip.mulaw, 0, mulaw, at, clip.mulaw.length);
            at += clip.mulaw.length;
        }
        return new AudioClip(mulaw);
    }

    /// Bytes, which are samples.
    public int sizeBytes() {
        return mulaw.length;
    }

    public boolean isEmpty() {
        return mulaw.length == 0;
    }

    public Duration duration() {
        return Duration.ofNanos(mulaw.length * (1_000_000_000L / SAMPLE_RATE_HERTZ));
    }

    /// A copy of the samples.
    public byte[] toByteArray() {
        return mulaw.clone();
    }

    /// Copies `length` bytes from `from` into `target` at `offset`, without allocating.
    public void copyTo(int from, byte[] target, int offset, int length) {
        System.arraycopy(mulaw, from, target, offset, length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AudioClip that && Arrays.equals(mulaw, that.mulaw);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(mulaw);
    }

    /// The duration, never the sound.
    @Override
    public String toString() {
        return "AudioClip[" + duration() + "]";
    }
}
