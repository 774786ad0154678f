package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import dev.sotto.media.AudioClip;
import dev.sotto.model.SentenceSplitter;
import dev.sotto.store.TurnText;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The sound of one part of an answer, held until the words that cover it have passed.
///
/// A provider does not say which word is where in the sound. So words that passed cover no more of it than anybody
/// could
/// speak them in, at [#FASTEST_LETTERS_PER_SECOND]; the rest waits for the next sentence, and all of it for the last.
/// The
/// order in which words and sound arrive does not matter. Not thread-safe.
final class HeldSpeech {
    /// Letters and digits. Hurried English has about 16.
    static final int FASTEST_LETTERS_PER_SECOND = 20;
    /// More than this is held of no part.
    static final Duration MOST = Duration.ofSeconds(60);

    /// Where a sentence ends, as far as it is not known.
    private static final int USUAL_LETTERS_PER_SECOND = 13;

    private static final int RATE = AudioClip.SAMPLE_RATE_HERTZ;
    private static final int FRAME_BYTES = RATE / 50;
    /// What arrives after its words passed is played in pieces of this size.
    private static final int PIECE_BYTES = RATE / 5;

    private static final int MOST_BYTES = Math.toIntExact(MOST.toSeconds()) * RATE;

    /// When the sound up to there arrived.
    private record Arrival(long end, long nanos) {}

    /// A sentence that passed, and how many letters there are up to its end.
    private record Passed(long number, TurnText shown, long letters) {}

    private final SentenceSplitter splitter = new SentenceSplitter();
    private final StringBuilder words = new StringBuilder();
    private final ArrayDeque<Arrival> arrivals = new ArrayDeque<>();
    private final List<Passed> passed = new ArrayList<>();
    private byte[] held = new byte[RATE];
    private int heldBytes;
    private long released;
    private int speaking;
    private boolean allPassed;
    private boolean audioEnded;
    private long heardBytes;
    private boolean cut;

    /// Takes sound. False if too much is held already.
    boolean audio(byte[] mulaw, long nanos) {
        if (heldBytes + mulaw.length > MOST_BYTES) {
            return false;
        }
        if (heldBytes + mulaw.length > held.length) {
            held = Arrays.copyOf(held, Math.max(held.length * 2, heldBytes + mulaw.length));
        }
        System.arraycopy(mulaw, 0, held, heldBytes, mulaw.length);
        heldBytes += mulaw.length;
        arrivals.addLast(new Arrival(received(), nanos));
        return true;
    }

    void audioEnded() {
        audioEnded = true;
    }

    /// Takes words; the sentences that are whole now.
    List<SensitiveText> words(SensitiveText more) {
        words.append(more.reveal());
        return splitter.feed(more);
    }

    /// All words are known; the sentences that had not been whole. Where they are not those that came before, all of
    /// them are one more sentence to be judged.
    List<SensitiveText> wordsEnded(SensitiveText all) {
        if (!all.reveal().startsWith(words.toString())) {
            return List.of(all);
        }
        var rest = new ArrayList<>(words(SensitiveText.of(all.reveal().substring(words.length()))));
        splitter.finish().ifPresent(rest::add);
        return rest;
    }

    /// A sentence may be heard. They pass in their order.
    void passed(long number, TurnText shown, SensitiveText sentence) {
        long letters =
                sentence.reveal().chars().filter(Character::isLetterOrDigit).count();
        passed.add(new Passed(number, shown, letters() + letters));
    }

    /// Every word may be heard.
    void allPassed() {
        allPassed = true;
    }

    /// Whether there is sound, and no words at all that could be judged.
    boolean wordless() {
        return passed.isEmpty() && received() > 0;
    }

    private long letters() {
        return passed.isEmpty() ? 0 : passed.getLast().letters();
    }

    private long received() {
        return released + heldBytes;
    }

    /// When the oldest sound that may not be heard yet arrived; empty if none waits for words.
    Optional<Long> waitingSince() {
        return arrivals.isEmpty() || allPassed
                ? Optional.empty()
                : Optional.of(arrivals.getFirst().nanos());
    }

    /// What may be heard now.
    List<Spoken> take() {
        boolean end = allPassed && audioEnded;
        long covered = allPassed ? received() : Math.min(received(), letters() * RATE / FASTEST_LETTERS_PER_SECOND);
        // Whole frames, because the leg fills up what is less.
        long to = end ? covered : covered / FRAME_BYTES * FRAME_BYTES;
        boolean worthIt = end || covered < received() || released == 0 || to - released >= PIECE_BYTES;
        var pieces = new ArrayList<Spoken>();
        while (worthIt && speaking < passed.size() && (released < to || end)) {
            var sentence = passed.get(speaking);
            boolean newest = speaking == passed.size() - 1;
            long ends = newest ? Long.MAX_VALUE : Math.max(endOf(sentence, end), released + FRAME_BYTES);
            long upTo = Math.min(to, ends);
            boolean last = upTo == ends || (end && upTo == to);
            pieces.add(
                    new Spoken(sentence.number(), sentence.shown(), release(Math.toIntExact(upTo - released)), last));
            speaking += last ? 1 : 0;
        }
        return pieces;
    }

    /// Estimated; once all is known, by the speed of the whole.
    private long endOf(Passed sentence, boolean known) {
        long end = known
                ? sentence.letters() * received() / Math.max(1, letters())
                : sentence.letters() * RATE / USUAL_LETTERS_PER_SECOND;
        return end / FRAME_BYTES * FRAME_BYTES;
    }

    private AudioClip release(int bytes) {
        var clip = AudioClip.of(Arrays.copyOf(held, bytes));
        System.arraycopy(held, bytes, held, 0, heldBytes - bytes);
        heldBytes -= bytes;
        released += bytes;
        while (!arrivals.isEmpty() && arrivals.getFirst().end() <= released) {
            arrivals.removeFirst();
        }
        return clip;
    }

    /// What is not released by now will not be, and the provider does not know of the rest any more.
    void drop() {
        heldBytes = 0;
        arrivals.clear();
        cut = true;
    }

    /// The caller heard so much more of it.
    void heard(Duration length) {
        heardBytes += length.toNanos() * RATE / Duration.ofSeconds(1).toNanos();
    }

    /// How much the caller heard, if there was more; once.
    Optional<Duration> cut() {
        if (cut || heardBytes >= received()) {
            return Optional.empty();
        }
        cut = true;
        return Optional.of(Duration.ofMillis(heardBytes * 1_000 / RATE));
    }
}
