package dev.sotto.model;

import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import dev.sotto.model.RealtimeEvent.Part;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One response while it is made: its parts and the tools it asks for, within bounds. Not thread-safe.
final class ResponseState {
    static final int MAX_PARTS = 64;
    static final int MAX_WORD_CHARACTERS = 64 << 10;

    private final String id;
    private final ProviderLimits limits;
    private final boolean resampled;
    private final Map<Part, PartState> parts = new LinkedHashMap<>();
    private final Map<String, Call> calls = new LinkedHashMap<>();
    private long bytes;
    private int events;

    private static final class PartState {
        final StringBuilder words = new StringBuilder();

        @Nullable
        FirResampler resampler;

        boolean audioEnded;
        boolean wordsEnded;
        int odd = -1;
    }

    private static final class Call {
        String name = "";
        final StringBuilder arguments = new StringBuilder();
        boolean given;
    }

    ResponseState(String id, ProviderLimits limits, boolean resampled) {
        this.id = id;
        this.limits = limits;
        this.resampled = resampled;
    }

    String id() {
        return id;
    }

    /// Counts one event of the response.
    void seen() {
        if (++events > limits.answerEvents()) {
            throw tooLarge("events of a response must be at most %d".formatted(limits.answerEvents()));
        }
    }

    private PartState part(Part part) {
        var state = parts.get(part);
        if (state == null) {
            if (parts.size() == MAX_PARTS) {
                throw tooLarge("parts of a response must be at most %d".formatted(MAX_PARTS));
            }
            state = new PartState();
            state.resampler = resampled ? FirResampler.down(3) : null;
            parts.put(part, state);
        }
        return state;
    }

    /// Takes base64 audio. False if the part had ended before.
    boolean audio(Part part, String base64, List<RealtimeEvent> into) {
        var state = part(part);
        if (state.audioEnded) {
            return false;
        }
        byte[] audio;
        try {
            audio = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            throw ServerEvent.broken("audio must be base64");
        }
        bytes += audio.length;
        if (bytes > limits.answerBytes()) {
            throw tooLarge("audio of a response must be at most %d bytes".formatted(limits.answerBytes()));
        }
        var chunk = chunk(state, audio);
        if (chunk.sizeBytes() > 0) {
            into.add(new RealtimeEvent.AgentAudio(part, chunk));
        }
        return true;
    }

    private static AudioChunk chunk(PartState state, byte[] audio) {
        if (state.resampler == null) {
            return AudioChunk.mulaw(audio);
        }
        int carried = state.odd >= 0 ? 1 : 0;
        byte[] whole = new byte[carried + audio.length];
        if (carried == 1) {
            whole[0] = (byte) state.odd;
        }
        System.arraycopy(audio, 0, whole, carried, audio.length);
        int even = whole.length & ~1;
        state.odd = even < whole.length ? whole[even] & 0xFF : -1;
        return AudioChunk.pcm16(
                state.resampler.feed(AudioChunk.samples(whole, 0, even)), FirResampler.NARROW_RATE_HERTZ);
    }

    /// The part has no more audio. False if it had ended before.
    boolean endAudio(Part part, List<RealtimeEvent> into) {
        var state = part(part);
        if (state.audioEnded) {
            return false;
        }
        state.audioEnded = true;
        if (state.resampler != null) {
            short[] rest = state.resampler.finish();
            if (rest.length > 0) {
                into.add(new RealtimeEvent.AgentAudio(part, AudioChunk.pcm16(rest, FirResampler.NARROW_RATE_HERTZ)));
            }
        }
        into.add(new RealtimeEvent.AgentAudioEnded(part));
        return true;
    }

    /// Takes words. False if the part's words had ended before.
    boolean words(Part part, String delta, List<RealtimeEvent> into) {
        var state = part(part);
        if (state.wordsEnded) {
            return false;
        }
        state.words.append(delta);
        requireShort(state.words.length());
        if (!delta.isEmpty()) {
            into.add(new RealtimeEvent.AgentWords(part, SensitiveText.of(delta)));
        }
        return true;
    }

    /// The part has no more words: `whole` is all of them. False if they had ended before.
    boolean endWords(Part part, String whole, List<RealtimeEvent> into) {
        var state = part(part);
        if (state.wordsEnded) {
            return false;
        }
        requireShort(whole.length());
        state.wordsEnded = true;
        into.add(new RealtimeEvent.AgentWordsEnded(part, SensitiveText.of(whole)));
        return true;
    }

    /// The model begins to ask for a tool.
    void beginCall(String itemId, String name) {
        call(itemId).name = name;
    }

    /// More arguments.
    void arguments(String itemId, String delta) {
        var call = call(itemId);
        call.arguments.append(delta);
        requireArguments(call.arguments.length());
    }

    /// The call is whole, once its name is known. An empty `arguments` stands for what came in pieces.
    void endCall(
            String itemId,
            String callId,
            String name,
            String arguments,
            ChatRequest request,
            List<RealtimeEvent> into) {
        var call = call(itemId);
        call.name = name.isEmpty() ? call.name : name;
        requireArguments(arguments.length());
        if (call.given || call.name.isEmpty()) {
            return;
        }
        call.given = true;
        String whole = arguments.isEmpty() ? call.arguments.toString() : arguments;
        into.add(new RealtimeEvent.ToolAsked(
                id, new ToolCall(callId, request.declared(call.name), SensitiveText.of(whole))));
    }

    private Call call(String itemId) {
        var call = calls.get(itemId);
        if (call == null) {
            if (calls.size() == AnswerReader.MAX_CALLS) {
                throw tooLarge("tool calls of a response must be at most %d".formatted(AnswerReader.MAX_CALLS));
            }
            call = new Call();
            calls.put(itemId, call);
        }
        return call;
    }

    /// Ends what the provider did not end, as after a cancel. The words are those that came.
    void end(List<RealtimeEvent> into) {
        parts.forEach((part, state) -> {
            endAudio(part, into);
            endWords(part, state.words.toString(), into);
        });
    }

    private static void requireShort(int characters) {
        if (characters > MAX_WORD_CHARACTERS) {
            throw tooLarge("words of a part must be at most %d characters".formatted(MAX_WORD_CHARACTERS));
        }
    }

    private static void requireArguments(int characters) {
        if (characters > AnswerReader.MAX_ARGUMENT_CHARACTERS) {
            throw tooLarge("the arguments of a tool call must be at most %d characters"
                    .formatted(AnswerReader.MAX_ARGUMENT_CHARACTERS));
        }
    }

    private static UnavailableException tooLarge(String rule) {
        return new UnavailableException(ModelError.ANSWER_TOO_LARGE, rule);
    }
}
