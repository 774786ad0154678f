package dev.sotto.server.node;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The models that talk with callers, and the rules they stand under.
///
/// @param base where the OpenAI-compatible endpoints are
/// @param keySecret the name of the secret that the provider knows us by; empty for a local server without one
/// @param apiKeyHeader whether the key is shown as `api-key`, as Azure wants, and not as a bearer token
/// @param destination the provider's id in the register of sub-processors
/// @param chat the language model; empty in gated mode if none is named, as are the others
/// @param voice what the synthesizer calls the voice
/// @param language of the callers, ISO 639-1
/// @param patience how long a caller waits for the first sign of an answer
/// @param trustAnchors PEM certificates that are trusted instead of the platform's
/// @param insecureLoopback whether plain HTTP to this machine is taken
/// @param policy the policy file; empty for the shipped one
/// @param register the register file; empty for the shipped one
/// @param realtime the model that hears and speaks; empty in strict mode
public record ModelConfig(
        URI base,
        Optional<String> keySecret,
        boolean apiKeyHeader,
        String destination,
        String chat,
        String transcription,
        String speech,
        String voice,
        String language,
        Duration patience,
        Optional<Path> trustAnchors,
        boolean insecureLoopback,
        Optional<Path> policy,
        Optional<Path> register,
        Optional<RealtimeConfig> realtime) {
    private static final String ON = "on";
    private static final String GATED = "gated";
    private static final List<String> MODES = List.of("receptionist", "strict", GATED, "open");
    private static final List<String> SWITCH = List.of(ON, "off");

    /// Reads the `model.` and `guard.` keys; empty if the keypad is all there is.
    static Optional<ModelConfig> read(ConfigReader reader) {
        String mode = reader.choice("model.mode", "receptionist", MODES);
        Optional<URI> base = reader.address("model.base-url");
        Optional<String> destination = reader.text("model.destination");
        Optional<String> chat = reader.text("model.chat");
        Optional<String> transcription = reader.text("model.transcription");
        Optional<String> speech = reader.text("model.speech");
        Optional<RealtimeConfig> realtime = RealtimeConfig.read(reader);
        Optional<Path> policy = reader.path("guard.policy");
        Optional<Path> register = reader.path("guard.register");
        var read = new Settings(
                reader.secretReference("model.key"),
                reader.choice("model.key-header", "bearer", List.of("bearer", "api-key"))
                        .equals("api-key"),
                reader.text("model.voice", "alloy"),
                reader.text("model.language", "en"),
                reader.duration(
                        "model.patience", Duration.ofSeconds(2), Duration.ofMillis(500), Duration.ofSeconds(15)),
                reader.path("model.trust-anchors"),
                reader.choice("model.insecure-loopback", "off", SWITCH).equals(ON));
        if (policy.isPresent() != register.isPresent()) {
            reader.problem("guard.policy and guard.register must be given together");
        }
        if (mode.equals("receptionist")) {
            return Optional.empty();
        }
        checkLoopback(reader, read, base);
        if (mode.equals("open")) {
            reader.problem(
                    "model.mode (open) is refused for healthcare: a model that nobody guards may hear no patient\n"
                            + "hint: strict or gated");
        }
        if (policy.isEmpty()) {
            reader.problem("model.mode (%s) needs guard.policy and guard.register: the shipped ones allow nobody"
                            .formatted(mode)
                    + " outside this process");
        }
        boolean gated = mode.equals(GATED);
        boolean complete = base.isPresent()
                && destination.isPresent()
                && transcription.isPresent()
                && (gated ? realtime.isPresent() : chat.isPresent() && speech.isPresent());
        if (!complete) {
            reader.problem("model.mode (%s) needs model.base-url, model.destination, %s"
                    .formatted(
                            mode,
                            gated
                                    ? "model.realtime and model.transcription"
                                    : "model.chat, model.transcription and model.speech"));
            return Optional.empty();
        }
        return Optional.of(new ModelConfig(
                base.orElseThrow(),
                read.keySecret(),
                read.apiKeyHeader(),
                destination.orElseThrow(),
                chat.orElse(""),
                transcription.orElseThrow(),
                speech.orElse(""),
                read.voice(),
                read.language(),
                read.patience(),
                read.trustAnchors(),
                read.insecureLoopback(),
                policy,
                register,
                gated ? realtime : Optional.empty()));
    }

    private static void checkLoopback(ConfigReader reader, Settings read, Optional<URI> base) {
        if (read.insecureLoopback()
                && base.filter(uri -> "https".equals(uri.getScheme())).isPresent()) {
            reader.problem("model.insecure-loopback is for a model.base-url that begins with http");
        }
        if (read.insecureLoopback() && read.keySecret().isPresent()) {
            reader.problem("model.key is never sent over plain http: leave it out, or model.insecure-loopback");
        }
    }

    /// What has a default.
    private record Settings(
            Optional<String> keySecret,
            boolean apiKeyHeader,
            String voice,
            String language,
            Duration patience,
            Optional<Path> trustAnchors,
            boolean insecureLoopback) {}
}
