package dev.sotto.agent;

import dev.sotto.core.LimitedException;
import dev.sotto.core.Meter;
import dev.sotto.media.AudioClip;
import dev.sotto.media.CallLeg;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/// What the agent is saying, and how much of it was heard. Belongs to the call loop's thread.
final class Playback {
    /// What of an utterance the caller heard.
    ///
    /// @param whole false if it was cut off
    record Heard(Utterance what, Duration at, Duration length, boolean whole) {}

    /// @param mark empty for a piece that others follow: theirs stands for it
    private record Saying(Utterance what, String mark, Duration begins, Duration length) {
        Duration ends() {
            return begins.plus(length);
        }
    }

    /// Less of a prompt than this is a click, not something that was said.
    private static final Duration AUDIBLE = Duration.ofMillis(100);

    private final CallLeg leg;
    private final Voice voice;
    private final Meter meter;
    private final Consumer<Heard> heard;
    private final ArrayDeque<Saying> queue = new ArrayDeque<>();
    private final LongConsumer begun;
    private long number;
    private long sentence;

    /// @param begun told the number of a sentence whose first frame has left; on the edge's thread
    Playback(CallLeg leg, Voice voice, Meter meter, Consumer<Heard> heard, LongConsumer begun) {
        this.leg = leg;
        this.voice = voice;
        this.meter = meter;
        this.heard = heard;
        this.begun = begun;
    }

    /// Says `phrase` after what is being said. False if the leg takes no more.
    boolean say(Phrase phrase) {
        return say(phrase, voice.clip(phrase), true, () -> {});
    }

    /// Says a piece of a sentence after what is being said. False if the leg takes no more.
    boolean say(Spoken spoken) {
        boolean first = spoken.sentence() != sentence;
        sentence = spoken.sentence();
        return say(spoken, spoken.clip(), spoken.last(), first ? () -> begun.accept(spoken.sentence()) : () -> {});
    }

    private boolean say(Utterance what, AudioClip clip, boolean marked, Runnable first) {
        var mark = marked ? "s" + ++number : "";
        try {
            leg.play(clip, mark, first);
        } catch (LimitedException full) {
            meter.count("agent.playback.refused");
            return false;
        }
        var now = leg.position();
        var begins = queue.isEmpty() ? now : max(now, queue.getLast().ends());
        queue.addLast(new Saying(what, mark, begins, clip.duration()));
        return true;
    }

    /// Stops what is being said, if anything is.
    void hush() {
        if (!queue.isEmpty()) {
            leg.clear();
            cut();
        }
    }

    /// Notes how far the caller heard what was being said.
    void cut() {
        var now = leg.position();
        for (var saying : queue) {
            var length = min(now.minus(saying.begins()), saying.length());
            if (length.compareTo(AUDIBLE) >= 0) {
                heard.accept(new Heard(saying.what(), saying.begins(), length, length.equals(saying.length())));
            }
        }
        queue.clear();
    }

    /// A mark came back. True if with it all that was said has been heard; false for a mark of something cleared.
    boolean played(String mark) {
        if (mark.isEmpty() || queue.stream().noneMatch(saying -> saying.mark().equals(mark))) {
            return false;
        }
        Saying saying;
        do {
            saying = queue.removeFirst();
            heard.accept(new Heard(saying.what(), saying.begins(), saying.length(), true));
        } while (!saying.mark().equals(mark));
        return queue.isEmpty();
    }

    /// What waits for no mark has had its time. True if there was any.
    boolean playedUnmarked() {
        if (queue.isEmpty() || lastMark().isPresent()) {
            return false;
        }
        cut();
        return true;
    }

    /// How long until all of it should have been heard; empty if nothing is being said.
    Optional<Duration> left() {
        return queue.isEmpty()
                ? Optional.empty()
                : Optional.of(max(queue.getLast().ends().minus(leg.position()), Duration.ZERO));
    }

    /// The mark after which all will have been heard.
    Optional<String> lastMark() {
        return queue.stream().map(Saying::mark).filter(mark -> !mark.isEmpty()).reduce((_, later) -> later);
    }

    private static Duration max(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
