package dev.sotto.model;

import dev.sotto.core.SensitiveText;

/// Words that may be given to a synthesizer: made by [SpeechDraft#allowed] only. Immutable.
public final class SpeechRequest {
    private final SensitiveText text;

    SpeechRequest(SensitiveText text) {
        this.text = text;
    }

    public SensitiveText text() {
        return text;
    }
}
