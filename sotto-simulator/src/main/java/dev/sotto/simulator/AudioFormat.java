package dev.sotto.simulator;

import java.util.Optional;

/// The sound formats of the Realtime protocol that a simulator speaks.
enum AudioFormat {
    /// mu-law, 8 kHz, a byte a sample.
    PCMU("audio/pcmu", "g711_ulaw", 8),
    /// 16-bit little-endian PCM, 24 kHz.
    PCM("audio/pcm", "pcm16", 48);

    private final String type;
    private final String betaName;
    private final int bytesPerMillisecond;

    AudioFormat(String type, String betaName, int bytesPerMillisecond) {
        this.type = type;
        this.betaName = betaName;
        this.bytesPerMillisecond = bytesPerMillisecond;
    }

    String type() {
        return type;
    }

    String betaName() {
        return betaName;
    }

    int bytesPerMillisecond() {
        return bytesPerMillisecond;
    }

    static Optional<AudioFormat> ofType(String type) {
        for (AudioFormat format : values()) {
            if (format.type.equals(type) || format.betaName.equals(type)) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }
}
