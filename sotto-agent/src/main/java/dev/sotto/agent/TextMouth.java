package dev.sotto.agent;

import dev.sotto.core.DataClass;
import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.media.AudioClip;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Says the sentences of a model in text: each goes through the guard to whoever shows or speaks it. Thread-safe.
record TextMouth(TextMouth.Way way, TurnGuard guard, Meter meter) implements Mouth {
    /// To whom text goes, and what for.
    ///
    /// @param destination in the register of sub-processors
    record Way(String destination, String purpose) {
        /// The page of a visitor.
        static final Way CHAT = new Way("chat-visitor", "chat-reply");

        /// Twilio, which speaks it to the caller.
        static final Way RELAY = new Way("twilio-conversation-relay", SpeechMouth.PURPOSE);
    }

    @Override
    public boolean say(long number, SensitiveText sentence, BooleanSupplier wanted, Consumer<Spoken> pieces) {
        long began = System.nanoTime();
        String words = sentence.reveal().strip();
        if (words.isEmpty()) {
            return true;
        }
        var allowed =
                guard.decide(way.destination(), DataClass.TRANSCRIPT, way.purpose(), List.of(SensitiveText.of(words)));
        if (allowed.isEmpty()) {
            return false;
        }
        var shown = guard.said(allowed.get().pieces().getFirst());
        meter.time("agent.talk.sentence_guarded", Duration.ofNanos(System.nanoTime() - began));
        if (wanted.getAsBoolean()) {
            pieces.accept(new Spoken(number, shown, AudioClip.empty(), true));
        }
        return true;
    }
}
