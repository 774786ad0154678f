package dev.sotto.agent;

import dev.sotto.core.DataClass;
import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import dev.sotto.media.AudioClip;
import dev.sotto.media.Mulaw;
import dev.sotto.model.SpeechDraft;
import dev.sotto.model.SpeechEvent;
import dev.sotto.model.SpeechStream;
import dev.sotto.model.Synthesizer;
import dev.sotto.store.TurnText;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Says the sentences of a model: each goes through the guard to the synthesizer, and what comes back is played while
/// it is made. Thread-safe; blocks while a sentence is made.
final class SpeechMouth implements Mouth {
    static final String PURPOSE = "speech-synthesis";
    /// The first piece is short, so that the caller hears something soon.
    private static final int FIRST_BYTES = 100 * 8;

    private static final int MORE_BYTES = 400 * 8;

    private final Synthesizer synthesizer;
    private final String destination;
    private final TurnGuard guard;
    private final Duration patience;
    private final Meter meter;

    /// @param destination of the synthesizer, in the register of sub-processors
    /// @param patience for the first sound of a sentence, and between two pieces
    SpeechMouth(Synthesizer synthesizer, String destination, TurnGuard guard, Duration patience, Meter meter) {
        this.synthesizer = synthesizer;
        this.destination = destination;
        this.guard = guard;
        this.patience = patience;
        this.meter = meter;
    }

    @Override
    public boolean say(long number, SensitiveText sentence, BooleanSupplier wanted, Consumer<Spoken> pieces) {
        long began = System.nanoTime();
        String words = sentence.reveal().strip();
        if (words.isEmpty()) {
            return true;
        }
        var draft = new SpeechDraft(SensitiveText.of(words));
        var allowed = guard.decide(destination, DataClass.TRANSCRIPT, PURPOSE, draft.pieces());
        if (allowed.isEmpty()) {
            return false;
        }
        var request = draft.allowed(allowed.get());
        var shown = guard.said(request.text());
        meter.time("agent.talk.sentence_guarded", Duration.ofNanos(System.nanoTime() - began));
        try (var speech = synthesizer.speak(request)) {
            play(speech, number, shown, wanted, pieces);
        }
        return true;
    }

    private void play(
            SpeechStream speech, long number, TurnText shown, BooleanSupplier wanted, Consumer<Spoken> pieces) {
        var held = new ByteArrayOutputStream(MORE_BYTES + 160);
        int enough = FIRST_BYTES;
        while (wanted.getAsBoolean()) {
            var event = speech.next(patience)
                    .orElseThrow(() -> new UnavailableException(
                            AgentError.MODEL_TOO_SLOW, "the synthesizer does not answer in time"));
            switch (event) {
                case SpeechEvent.Frame(var audio) -> held.writeBytes(Mulaw.encode(audio.samples()));
                case SpeechEvent.Finished _ -> {
                    pieces.accept(new Spoken(number, shown, AudioClip.of(held.toByteArray()), true));
                    return;
                }
            }
            if (held.size() >= enough) {
                pieces.accept(new Spoken(number, shown, AudioClip.of(held.toByteArray()), false));
                held.reset();
                enough = MORE_BYTES;
            }
        }
    }
}
