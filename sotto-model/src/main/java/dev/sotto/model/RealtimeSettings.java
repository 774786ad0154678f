package dev.sotto.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/// How a realtime session is set up. The model never answers by itself: a response is always asked for.
///
/// @param model the model, or Azure's deployment
/// @param transcriptionModel what writes down what the caller says
/// @param language ISO 639-1, such as `en`; empty if the model is to find out
/// @param maxOutputTokens the greatest length of a response, 1 to 4096
/// @param lifeSign a peer that is silent for this long is pinged, and given up after as long again
/// @param longest the session's greatest length
public record RealtimeSettings(
        String model,
        String voice,
        String transcriptionModel,
        String language,
        Format format,
        Dialect dialect,
        Purpose purpose,
        Detection detection,
        int maxOutputTokens,
        Duration lifeSign,
        Duration longest) {
    private static final int MOST_TOKENS = 4_096;

    /// The audio on the wire, both ways.
    public enum Format {
        /// Mu-law of 8 kHz, as the telephone has it: passed through.
        PCMU,
        /// PCM16 of 24 kHz, resampled from and to PCM16 of 8 kHz.
        PCM_24K
    }

    /// Which names the provider uses.
    public enum Dialect {
        /// The names of general availability.
        GA,
        /// The names before, which Azure's preview API versions use.
        BETA
    }

    /// What the session is for.
    public enum Purpose {
        /// The model hears and speaks.
        CONVERSATION,
        /// The model only writes down what it hears.
        TRANSCRIPTION
    }

    /// Server-side voice activity detection.
    ///
    /// @param threshold 0 to 1; higher wants louder speech
    /// @param prefix audio kept from before speech began
    /// @param silence how much of it ends a turn
    public record Detection(double threshold, Duration prefix, Duration silence) {
        public Detection {
            if (!(threshold >= 0 && threshold <= 1) || prefix.isNegative() || !silence.isPositive()) {
                throw new IllegalArgumentException("detection must have a threshold of 0 to 1 and positive times");
            }
        }

        public static Detection defaults() {
            return new Detection(0.5, Duration.ofMillis(300), Duration.ofMillis(500));
        }
    }

    public RealtimeSettings {
        requireNonNull(model, "model");
        requireNonNull(voice, "voice");
        requireNonNull(transcriptionModel, "transcriptionModel");
        requireNonNull(language, "language");
        requireNonNull(format, "format");
        requireNonNull(dialect, "dialect");
        requireNonNull(purpose, "purpose");
        requireNonNull(detection, "detection");
        if (maxOutputTokens < 1 || maxOutputTokens > MOST_TOKENS) {
            throw new IllegalArgumentException(
                    "maxOutputTokens (%d) must be 1 to %d".formatted(maxOutputTokens, MOST_TOKENS));
        }
        if (!lifeSign.isPositive() || !longest.isPositive()) {
            throw new IllegalArgumentException("lifeSign and longest must be positive");
        }
    }

    /// A conversation in mu-law, in the names of general availability.
    public static RealtimeSettings conversation(
            String model, String voice, String transcriptionModel, String language) {
        return new RealtimeSettings(
                model,
                voice,
                transcriptionModel,
                language,
                Format.PCMU,
                Dialect.GA,
                Purpose.CONVERSATION,
                Detection.defaults(),
                MOST_TOKENS,
                Duration.ofSeconds(10),
                Duration.ofMinutes(60));
    }

    /// The same with other audio on the wire.
    public RealtimeSettings format(Format other) {
        return new RealtimeSettings(
                model,
                voice,
                transcriptionModel,
                language,
                other,
                dialect,
                purpose,
                detection,
                maxOutputTokens,
                lifeSign,
                longest);
    }

    /// The same in other names.
    public RealtimeSettings dialect(Dialect other) {
        return new RealtimeSettings(
                model,
                voice,
                transcriptionModel,
                language,
                format,
                other,
                purpose,
                detection,
                maxOutputTokens,
                lifeSign,
                longest);
    }

    /// The same for another purpose.
    public RealtimeSettings purpose(Purpose other) {
        return new RealtimeSettings(
                model,
                voice,
                transcriptionModel,
                language,
                format,
                dialect,
                other,
                detection,
                maxOutputTokens,
                lifeSign,
                longest);
    }

    /// The same with other times.
    public RealtimeSettings times(Duration otherLifeSign, Duration otherLongest) {
        return new RealtimeSettings(
                model,
                voice,
                transcriptionModel,
                language,
                format,
                dialect,
                purpose,
                detection,
                maxOutputTokens,
                otherLifeSign,
                otherLongest);
    }
}
