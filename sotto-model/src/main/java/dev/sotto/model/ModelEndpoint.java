package dev.sotto.model;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.Meter;
import dev.sotto.core.Passage;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import java.security.SecureRandom;

/// One provider, ready to be used: its connections, its health and the models behind it. Thread-safe. Closing it ends
/// what runs.
///
/// ```java
/// try (var endpoint = ModelEndpoint.open(provider, meter)) {
///     var model = endpoint.languageModel("llama3.2", 600);
///     try (var answer = model.answer(draft.allowed(verdict))) {
///         // answer.next(patience)
///     }
/// }
/// ```
public final class ModelEndpoint implements AutoCloseable {
    private static final int MOST_TOKENS = 16_384;

    private final ModelHttp http;
    private final SecureRandom random = new SecureRandom();

    private ModelEndpoint(Provider provider, Meter meter) {
        this.http = new ModelHttp(provider, meter, System::nanoTime, random);
    }

    /// Makes the endpoint ready; sends nothing.
    ///
    /// @throws RejectedException if the provider's trust anchors cannot be used
    public static ModelEndpoint open(Provider provider, Meter meter) {
        return new ModelEndpoint(requireNonNull(provider, "provider"), requireNonNull(meter, "meter"));
    }

    /// The destination that a disclosure to this provider names.
    public String destination() {
        return http.provider().id();
    }

    /// Whether the provider may be asked now.
    public Health health() {
        return http.breaker().health();
    }

    /// A model behind `/chat/completions`.
    ///
    /// @param maxTokens the greatest length of an answer, 1 to 16384
    public LanguageModel languageModel(String model, int maxTokens) {
        if (maxTokens < 1 || maxTokens > MOST_TOKENS) {
            throw new IllegalArgumentException("maxTokens (%d) must be 1 to %d".formatted(maxTokens, MOST_TOKENS));
        }
        return new HttpLanguageModel(http, named("model", model), maxTokens);
    }

    /// A model behind `/audio/transcriptions`.
    ///
    /// @param language ISO 639-1, such as `en`; empty if the model is to find out
    public Transcriber transcriber(String model, String language) {
        return new HttpTranscriber(http, named("model", model), checkedLanguage(language), "", random);
    }

    /// The same, telling the server in the form field `user` whose utterances these are. OpenAI's own endpoint does not
    /// take that field; some local servers, and simulators, tell calls apart by it.
    ///
    /// @param user 1 to 128 letters, digits, dots, underscores, colons or dashes; an id, never a name
    public Transcriber transcriber(String model, String language, String user) {
        if (!user.matches("[A-Za-z0-9._:-]{1,128}")) {
            throw new IllegalArgumentException(
                    "user must be 1 to 128 letters, digits, dots, underscores, colons, dashes");
        }
        return new HttpTranscriber(http, named("model", model), checkedLanguage(language), user, random);
    }

    /// A model behind `/audio/speech`, asked for PCM of 24 kHz.
    public Synthesizer synthesizer(String model, String voice) {
        return new HttpSynthesizer(http, named("model", model), named("voice", voice), false);
    }

    /// A model behind `/audio/speech`, asked for WAV of 8, 16, 24 or 48 kHz, as some local servers know.
    public Synthesizer wavSynthesizer(String model, String voice) {
        return new HttpSynthesizer(http, named("model", model), named("voice", voice), true);
    }

    /// Opens a realtime session and tells it the conversation so far, such as after another one was lost. Blocks until
    /// it is set up.
    ///
    /// @param passage under which the caller's audio goes there; it stays open when the session ends
    /// @throws SottoException with a [ModelError] if there is no session
    public RealtimeSession realtime(RealtimeSettings settings, ChatRequest request, Passage passage) {
        named("model", settings.model());
        return SocketSession.open(http, settings, request, passage);
    }

    private static String checkedLanguage(String language) {
        if (!language.matches("([a-z]{2,3})?")) {
            throw new IllegalArgumentException("language must be two or three lower-case letters, or empty");
        }
        return language;
    }

    private static String named(String field, String value) {
        if (!value.matches("[!-~]{1,200}")) {
            throw new IllegalArgumentException("%s must be 1 to 200 visible characters".formatted(field));
        }
        return value;
    }

    @Override
    public void close() {
        http.close();
    }
}
