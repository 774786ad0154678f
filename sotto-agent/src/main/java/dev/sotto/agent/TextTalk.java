package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import java.time.Duration;

/// Talks with a caller who types, or whom somebody else transcribes. Thread-safe.
record TextTalk(ModelAnswers answers) implements Talk {
    @Override
    public String mode() {
        return StrictModels.MODE;
    }

    @Override
    public void listen(boolean now) {
        // Words come as they are typed.
    }

    @Override
    public void audio(byte[] mulaw) {
        throw new IllegalStateException("a call in text has no sound");
    }

    @Override
    public void speech(boolean speaking, Duration at) {
        throw new IllegalStateException("a call in text has no sound");
    }

    @Override
    public void answer(long generation, SensitiveText heard) {
        answers.answer(generation, heard, System.nanoTime());
    }

    @Override
    public void hush() {
        answers.hush();
    }

    @Override
    public void begun(long sentence) {
        // What is shown has been read.
    }

    @Override
    public void heard(SentenceLog.Sentence sentence) {
        answers.heard(sentence);
    }

    @Override
    public void close() {
        answers.close();
    }
}
