package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What the agent says in one go, as parts in order. Each part names its clips; what is about a person carries the
/// label that the transcript shows in its place.
record Phrase(List<Part> parts) implements Utterance {
    static final String DATE = "DATE";
    static final String TIME = "TIME";

    /// A run of clips.
    sealed interface Part {
        List<String> clips();

        /// One clip that says the same to everybody; its text is the clip's own.
        record Prompt(String clip) implements Part {
            @Override
            public List<String> clips() {
                return List.of(clip);
            }
        }

        /// Something about a person, as text and as clips.
        record Value(String label, SensitiveText text, List<String> clips) implements Part {
            public Value {
                clips = List.copyOf(clips);
            }
        }
    }

    Phrase {
        parts = List.copyOf(parts);
    }

    static Phrase of(String... clips) {
        return new Phrase(Stream.of(clips).<Part>map(Part.Prompt::new).toList());
    }

    /// A date, "at", and a time.
    static Phrase when(LocalDateTime at) {
        var date = at.toLocalDate();
        var time = at.toLocalTime();
        return new Phrase(List.of(
                new Part.Value(DATE, SensitiveText.of(SpokenTime.text(date)), SpokenTime.clips(date)),
                new Part.Prompt("word.at"),
                new Part.Value(TIME, SensitiveText.of(SpokenTime.text(time)), SpokenTime.clips(time))));
    }

    Phrase then(Phrase next) {
        var all = new ArrayList<>(parts);
        all.addAll(next.parts);
        return new Phrase(all);
    }

    Phrase then(String... clips) {
        return then(of(clips));
    }

    List<String> clips() {
        return parts.stream().flatMap(part -> part.clips().stream()).toList();
    }
}
