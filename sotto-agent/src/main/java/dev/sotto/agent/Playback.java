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
final class Playback implements Outlet {
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

    @Override
    public boolean say(Phrase phrase) {
        return say(phrase, voice.clip(phrase), true, () -> {});
    }

    @Override
    public boolean say(Spoken spoken) {
        boolean first = spoken.sentence() != sentence;
        sentence = spoken.sentence();
        return say(spoken, spoken.clip(), spoken.last(), first ? () -> begun.accept(spoken.sentence()) : () -> {});
    }

    private boolean say(Utterance what, AudioClip clip, boolean marked, Runnable first) {
        var mark = marked ? "s" + ++number : "";
        var now = leg.position();
        try {
            leg.play(clip, mark, first);
        } catch (LimitedException full) {
            meter.count("agent.playback.refused");
            return false;
        }
        var begins = queue.isEmpty() ? now : max(now, queue.getLast().ends());
        queue.addLast(new Saying(what, mark, begins, clip.duration()));
        return true;
    }

    @Override
    public void hush() {
        if (!queue.isEmpty()) {
            leg.clear();
            cut();
        }
    }

    @Override
    public void cut() {
        var now = leg.position();
        for (var saying : queue) {
            var length = min(now.minus(saying.begins()), saying.length());
            if (length.compareTo(AUDIBLE) >= 0) {
                heard.accept(new Heard(saying.what(), saying.begins(), length, length.equals(saying.length())));
            }
        }
        queue.clear();
    }

    @Override
    public boolean played(String mark) {
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

    @Override
    public boolean playedUnmarked() {
        if (queue.isEmpty() || lastMark().isPresent()) {
            return false;
        }
        cut();
        return true;
    }

    @Override
    public Optional<Duration> left() {
        return queue.isEmpty()
                ? Optional.empty()
                : Optional.of(max(queue.getLast().ends().minus(leg.position()), Duration.ZERO));
    }

    @Override
    public Optional<String> lastMark() {
        return queue.stream().map(Saying::mark).filter(mark -> !mark.isEmpty()).reduce((_, later) -> later);
    }

    private static Duration max(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
