package dev.sotto.guard;

import dev.sotto.core.SensitiveText;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// How the texts of one call were read by the detectors, because a request to a model carries the whole conversation
/// each time. A reading depends on the text, on what had been asked and on the number that was open before it; all
/// three are the key, so a text that comes in another light is read anew. What else is known of the call by now is
/// looked up each time and is not kept here. Bounded; the text that was not used longest goes first. Not thread-safe.
final class Readings {
    static final int MAX_TEXTS = 160;
    static final int MAX_CHARACTERS = 96 * 1024;

    private record Key(SensitiveText text, Expectation expected, CarriedDigits open) {}

    private final Map<Key, ActReader.Read> kept = new LinkedHashMap<>(16, 0.75f, true);
    private int characters;

    Optional<ActReader.Read> find(SensitiveText text, Expectation expected, CarriedDigits open) {
        return Optional.ofNullable(kept.get(new Key(text, expected, open)));
    }

    /// Keeps what the detectors found in a text by itself.
    void keep(ActReader.Read read) {
        var utterance = read.utterance();
        if (utterance.text().length() > MAX_CHARACTERS) {
            return;
        }
        if (kept.put(new Key(utterance.text(), utterance.expected(), utterance.carried()), read) == null) {
            characters += utterance.text().length();
        }
        var eldest = kept.keySet().iterator();
        while (kept.size() > MAX_TEXTS || characters > MAX_CHARACTERS) {
            characters -= eldest.next().text().length();
            eldest.remove();
        }
    }

    int size() {
        return kept.size();
    }

    int characters() {
        return characters;
    }

    void forget() {
        kept.clear();
        characters = 0;
    }
}
