package dev.sotto.agent;

import dev.sotto.core.ErrorCode;
import dev.sotto.core.Passage;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import dev.sotto.model.AudioChunk;
import dev.sotto.model.SpeechEvent;
import dev.sotto.model.SpeechRequest;
import dev.sotto.model.SpeechStream;
import dev.sotto.model.Synthesizer;
import dev.sotto.model.Transcriber;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/// Speech in both directions: what the next utterance says is written down by a test, and each character of a sentence
/// takes one frame. Thread-safe.
final class FakeSpeech implements Transcriber, Synthesizer {
    enum Fault implements ErrorCode {
        DOWN
    }

    static final Duration FRAME = Duration.ofMillis(20);
    private static final int RATE = 8_000;
    private static final int FRAME_SAMPLES = 160;

    final List<String> spoken = new CopyOnWriteArrayList<>();
    final List<AudioChunk> utterances = new CopyOnWriteArrayList<>();
    private final LinkedBlockingQueue<String> transcripts = new LinkedBlockingQueue<>();
    volatile boolean transcriberDown;
    volatile boolean synthesizerDown;

    FakeSpeech hears(String text) {
        transcripts.add(text);
        return this;
    }

    @Override
    public SensitiveText transcribe(AudioChunk utterance, Passage passage) {
        if (transcriberDown || !passage.open()) {
            throw new UnavailableException(Fault.DOWN, "the transcriber is down");
        }
        passage.sent(utterance.sampleCount() / FRAME_SAMPLES, utterance.sizeBytes());
        utterances.add(utterance);
        var text = transcripts.poll();
        return SensitiveText.of(text == null ? "" : text);
    }

    @Override
    public SpeechStream speak(SpeechRequest request) {
        if (synthesizerDown) {
            throw new UnavailableException(Fault.DOWN, "the synthesizer is down");
        }
        spoken.add(request.text().reveal());
        return new SpeechStream() {
            private int left = request.text().length();

            @Override
            public Optional<SpeechEvent> next(Duration patience) {
                return Optional.of(
                        left-- > 0
                                ? new SpeechEvent.Frame(AudioChunk.pcm16(new short[FRAME_SAMPLES], RATE))
                                : new SpeechEvent.Finished(
                                        FRAME.multipliedBy(request.text().length())));
            }

            @Override
            public long sentNanos() {
                return System.nanoTime();
            }

            @Override
            public void close() {}
        };
    }
}
