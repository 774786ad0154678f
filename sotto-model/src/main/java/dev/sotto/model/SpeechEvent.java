package dev.sotto.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/// A piece of synthesized speech.
public sealed interface SpeechEvent {
    /// PCM16 of 8 kHz: 20 ms, the last one less if the speech ends there.
    record Frame(AudioChunk audio) implements SpeechEvent {
        public Frame {
            requireNonNull(audio, "audio");
        }
    }

    /// The speech is whole.
    record Finished(Duration length) implements SpeechEvent {
        public Finished {
            requireNonNull(length, "length");
        }
    }
}
