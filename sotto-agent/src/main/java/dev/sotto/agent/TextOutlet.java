package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// The agent's words as text. What is shown is taken in at once; what somebody else speaks takes the time that speech
/// takes, unless the peer says how far it came. Belongs to the call loop's thread.
final class TextOutlet implements Outlet {
    private static final int MILLIS = 1_000;

    /// @param characters of the text
    private record Saying(Utterance what, String mark, Duration begins, Duration length, int characters) {
        Duration ends() {
            return begins.plus(length);
        }
    }

    private final TextPeer peer;
    private final UnaryOperator<String> texts;
    private final boolean spoken;
    private final Supplier<Duration> position;
    private final Timers timers;
    private final Mailbox mailbox;
    private final Consumer<Playback.Heard> heard;
    private final ArrayDeque<Saying> queue = new ArrayDeque<>();
    private String current = "";
    private long number;

    /// @param texts what a clip says
    /// @param spoken whether the peer speaks the words
    TextOutlet(
            TextPeer peer, UnaryOperator<String> texts, boolean spoken, Supplier<Duration> position, Line.Ties ties) {
        this.peer = peer;
        this.texts = texts;
        this.spoken = spoken;
        this.position = position;
        this.timers = ties.parts().timers();
        this.mailbox = ties.mailbox();
        this.heard = ties.heard();
    }

    @Override
    public boolean say(Phrase phrase) {
        return say(phrase, Wording.full(Wording.whole(phrase, texts)), false);
    }

    @Override
    public boolean say(Spoken sentence) {
        return say(sentence, Wording.full(sentence.text()), true);
    }

    private boolean say(Utterance what, SensitiveText words, boolean decided) {
        if (words.reveal().isBlank()) {
            return false;
        }
        peer.say(words, decided);
        var now = position.get();
        var begins = queue.isEmpty() || queue.getLast().ends().compareTo(now) < 0
                ? now
                : queue.getLast().ends();
        var saying = new Saying(what, "t" + ++number, begins, length(words.length()), words.length());
        if (queue.isEmpty()) {
            current = "";
        }
        queue.addLast(saying);
        if (spoken) {
            current += words.reveal() + " ";
            timers.after(saying.ends().minus(now), () -> mailbox.post(new CallEvent.MarkPlayed(saying.mark())));
        } else {
            mailbox.post(new CallEvent.MarkPlayed(saying.mark()));
        }
        return true;
    }

    /// How long it takes to speak so many characters.
    private Duration length(long characters) {
        return spoken ? Duration.ofMillis(characters * MILLIS / SentenceLog.CHARACTERS_PER_SECOND) : Duration.ZERO;
    }

    @Override
    public void hush() {
        cut();
    }

    @Override
    public void cut() {
        var now = position.get();
        cut(saying -> spoken ? min(max(now.minus(saying.begins()), Duration.ZERO), saying.length()) : saying.length());
    }

    /// The peer stopped after `words`, if they are among what it was given.
    void interrupted(SensitiveText words) {
        String said = words.reveal().strip();
        int at = said.isEmpty() ? -1 : current.indexOf(said);
        if (at < 0) {
            cut();
            return;
        }
        long[] left = {at + said.length() - (long) (current.length() - given())};
        cut(saying -> {
            long characters = Math.clamp(left[0], 0, saying.characters());
            left[0] -= saying.characters() + 1L;
            return length(characters);
        });
    }

    /// How much of the current words is not known to be heard.
    private int given() {
        return queue.stream().mapToInt(saying -> saying.characters() + 1).sum();
    }

    private void cut(Function<Saying, Duration> until) {
        for (var saying : queue) {
            var length = until.apply(saying);
            boolean whole = length.equals(saying.length());
            if (whole || length.isPositive()) {
                heard.accept(new Playback.Heard(saying.what(), saying.begins(), length, whole));
            }
        }
        queue.clear();
    }

    @Override
    public boolean played(String mark) {
        if (queue.stream().noneMatch(saying -> saying.mark().equals(mark))) {
            return false;
        }
        Saying saying;
        do {
            saying = queue.removeFirst();
            heard.accept(new Playback.Heard(saying.what(), saying.begins(), saying.length(), true));
        } while (!saying.mark().equals(mark));
        return queue.isEmpty();
    }

    @Override
    public Optional<Duration> left() {
        return queue.isEmpty()
                ? Optional.empty()
                : Optional.of(max(queue.getLast().ends().minus(position.get()), Duration.ZERO));
    }

    @Override
    public Optional<String> lastMark() {
        return queue.isEmpty() ? Optional.empty() : Optional.of(queue.getLast().mark());
    }

    private static Duration max(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
