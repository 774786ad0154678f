package dev.sotto.agent;

import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.media.Mulaw;
import dev.sotto.model.AudioChunk;
import dev.sotto.model.RealtimeEvent.Part;
import dev.sotto.model.RealtimeSession;
import dev.sotto.store.TurnText;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The speech of one answer: what is held of each part, what was let go, and what of that the caller heard.
/// Thread-safe.
final class AnswerSpeech {
    private final Consumer<Spoken> out;
    private final Meter meter;
    private final Map<Part, HeldSpeech> parts = new LinkedHashMap<>();
    private final Map<Long, HeldSpeech> spoken = new HashMap<>();
    private int sentences;
    private long characters;
    private @Nullable Long firstSound;
    private @Nullable Long firstWhole;
    private @Nullable Long firstSentence;
    private boolean measured;
    private boolean silenced;

    /// @param out takes what may be heard, in order; waits for nothing
    AnswerSpeech(Consumer<Spoken> out, Meter meter) {
        this.out = out;
        this.meter = meter;
    }

    /// Another response begins.
    synchronized void begin() {
        sentences = 0;
        characters = 0;
        firstSound = null;
        firstWhole = null;
        firstSentence = null;
        measured = false;
    }

    /// Nothing more is let go.
    synchronized void silence() {
        silenced = true;
    }

    /// What is not judged by now is lost.
    synchronized void drop() {
        parts.values().forEach(HeldSpeech::drop);
    }

    /// Takes sound. False if it is more than is held.
    synchronized boolean audio(Part part, AudioChunk chunk) {
        if (silenced) {
            return true;
        }
        long now = System.nanoTime();
        firstSound = firstSound == null ? Long.valueOf(now) : firstSound;
        byte[] mulaw = chunk.encoding() == AudioChunk.Encoding.MULAW ? chunk.bytes() : Mulaw.encode(chunk.samples());
        var held = held(part);
        boolean room = held.audio(mulaw, now);
        release(held);
        return room;
    }

    synchronized void audioEnded(Part part) {
        var held = held(part);
        held.audioEnded();
        release(held);
    }

    /// Takes words; the sentences that are whole now.
    synchronized List<SensitiveText> words(Part part, SensitiveText more) {
        characters += more.length();
        return counted(held(part).words(more));
    }

    /// Takes the end of the words; the sentences that had not been whole.
    synchronized List<SensitiveText> wordsEnded(Part part, SensitiveText all) {
        return counted(held(part).wordsEnded(all));
    }

    private List<SensitiveText> counted(List<SensitiveText> whole) {
        sentences += whole.size();
        if (!whole.isEmpty() && firstWhole == null) {
            firstWhole = System.nanoTime();
        }
        return whole;
    }

    /// Whether the response says more than anybody would listen to.
    synchronized boolean tooLong() {
        return characters > Dialogue.MAX_CHARACTERS || sentences > Dialogue.MAX_SENTENCES;
    }

    /// A sentence may be heard.
    synchronized void passed(Part part, long number, TurnText shown, SensitiveText sentence) {
        var held = held(part);
        spoken.put(number, held);
        firstSentence = firstSentence == null ? Long.valueOf(number) : firstSentence;
        held.passed(number, shown, sentence);
        release(held);
    }

    /// All sentences of a part may be heard. False if there is sound without any.
    synchronized boolean allPassed(Part part) {
        var held = held(part);
        if (held.wordless()) {
            return false;
        }
        held.allPassed();
        release(held);
        return true;
    }

    /// Whether there is sound without any words.
    synchronized boolean wordless() {
        return parts.values().stream().anyMatch(HeldSpeech::wordless);
    }

    private void release(HeldSpeech held) {
        var since = held.waitingSince();
        var pieces = silenced ? List.<Spoken>of() : held.take();
        if (!pieces.isEmpty()) {
            since.ifPresent(arrived -> meter.time("agent.gated.hold", sinceNanos(arrived)));
            pieces.forEach(out);
        }
    }

    private HeldSpeech held(Part part) {
        return parts.computeIfAbsent(part, _ -> new HeldSpeech());
    }

    /// The first frame of a sentence was written to the socket.
    synchronized void begun(long sentence, long nanos) {
        if (!measured
                && firstSound != null
                && firstWhole != null
                && Long.valueOf(sentence).equals(firstSentence)) {
            measured = true;
            meter.time(
                    "agent.gated.audio_to_frame",
                    Duration.ofNanos(Math.max(0, nanos - Math.max(firstSound, firstWhole))));
        }
    }

    private static Duration sinceNanos(long then) {
        return Duration.ofNanos(Math.max(0, System.nanoTime() - then));
    }

    /// The caller heard so much of a sentence.
    synchronized void heard(long sentence, Duration length) {
        var held = spoken.get(sentence);
        if (held != null) {
            held.heard(length);
        }
    }

    /// Tells the provider what was not heard.
    synchronized void cut(RealtimeSession open) {
        parts.forEach((part, held) -> held.cut().ifPresent(heard -> {
            if (heard.isZero()) {
                open.delete(part.itemId());
            } else {
                open.truncate(part.itemId(), part.contentIndex(), heard);
            }
        }));
    }

    /// Whether sound has waited longer for its words than it may.
    synchronized boolean heldTooLong(Duration longest) {
        return !silenced
                && parts.values().stream()
                        .flatMap(held -> held.waitingSince().stream())
                        .anyMatch(since -> sinceNanos(since).compareTo(longest) > 0);
    }
}
