package dev.sotto.agent;

import static java.util.Objects.requireNonNull;

import dev.sotto.media.AudioClip;
import dev.sotto.store.TurnText;

/// A piece of a sentence that a model says, ready to be played.
///
/// @param sentence counts the sentences of a call; pieces of one have the same
/// @param text the whole sentence, as it is shown
/// @param last whether no more of the sentence follows
record Spoken(long sentence, TurnText text, AudioClip clip, boolean last) implements Utterance {
    Spoken {
        requireNonNull(text, "text");
        requireNonNull(clip, "clip");
    }

    @Override
    public String toString() {
        return "Spoken[" + sentence + "]";
    }
}
