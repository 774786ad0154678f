package dev.sotto.server.node;

import dev.sotto.model.RealtimeSettings;
import dev.sotto.model.RealtimeSettings.Dialect;
import dev.sotto.model.RealtimeSettings.Format;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The realtime model of gated mode.
///
/// @param model its name, or Azure's deployment
/// @param audio what goes over the wire, both ways
/// @param hold how long an answer's sound may wait for its words
public record RealtimeConfig(String model, Dialect dialect, Format audio, Duration hold) {
    static final Duration HOLD = Duration.ofSeconds(3);

    /// Reads the keys of gated mode; empty if no model is named.
    static Optional<RealtimeConfig> read(ConfigReader reader) {
        Optional<String> model = reader.text("model.realtime");
        boolean beta = reader.choice("model.realtime-dialect", "ga", List.of("ga", "beta"))
                .equals("beta");
        boolean wide = reader.choice("model.realtime-audio", "pcmu", List.of("pcmu", "pcm24k"))
                .equals("pcm24k");
        Duration hold = reader.duration("model.hold", HOLD, Duration.ofMillis(500), Duration.ofSeconds(10));
        return model.map(name ->
                new RealtimeConfig(name, beta ? Dialect.BETA : Dialect.GA, wide ? Format.PCM_24K : Format.PCMU, hold));
    }

    RealtimeSettings settings(String voice, String transcription, String language) {
        return RealtimeSettings.conversation(model, voice, transcription, language)
                .dialect(dialect)
                .format(audio);
    }
}
