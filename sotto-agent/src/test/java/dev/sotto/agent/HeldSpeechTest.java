package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.store.TurnText;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HeldSpeechTest {
    private static final int MILLISECOND = 8;
    private static final int SECOND = 1_000 * MILLISECOND;

    private final HeldSpeech held = new HeldSpeech();
    private final List<Spoken> pieces = new ArrayList<>();
    private int made;

    /// Sound in which each byte is another than its neighbours.
    private byte[] sound(int bytes) {
        var sound = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            sound[i] = (byte) (made++ * 31);
        }
        return sound;
    }

    private void take() {
        pieces.addAll(held.take());
    }

    private byte[] heard() {
        var all = new ByteArrayOutputStream();
        pieces.forEach(piece -> all.writeBytes(piece.clip().toByteArray()));
        return all.toByteArray();
    }

    private void passes(long number, String sentence) {
        held.passed(number, TurnText.clear(sentence), SensitiveText.of(sentence));
        take();
    }

    @Test
    void sound_waitsUntilItsWordsPassed() {
        held.audio(sound(SECOND), 7);
        take();
        assertThat(pieces).isEmpty();
        assertThat(held.waitingSince()).contains(7L);
    }

    @Test
    void words_coverNoMoreThanTheyCanBeSpokenIn_inWholeFrames() {
        held.audio(sound(2 * SECOND), 0);
        passes(1, "Twenty letters, so 1s");
        assertThat(heard()).hasSize(42 * 160);
        assertThat(held.waitingSince()).isPresent();
    }

    @Test
    void sound_afterItsWords_isPlayedAsItComesButNotBeyondThem() {
        passes(1, "Twenty letters make 1");
        for (int i = 0; i < 20; i++) {
            held.audio(sound(100 * MILLISECOND), i);
            take();
        }
        assertThat(heard()).hasSize(45 * 160);
    }

    @Test
    void allOfIt_isHeardOnceAllWordsPassed_eachSentenceToItsEnd() {
        var all = sound(4 * SECOND);
        held.audio(all, 0);
        passes(1, "One two three four.");
        passes(2, "Five six seven eight.");
        held.audioEnded();
        held.allPassed();
        take();

        assertThat(heard()).isEqualTo(all);
        assertThat(held.waitingSince()).isEmpty();
        assertThat(pieces).filteredOn(Spoken::last).extracting(Spoken::sentence).containsExactly(1L, 2L);
        assertThat(pieces.getLast().last()).isTrue();
    }

    @Test
    void anyOrderAndAnyPieces_playTheSameSoundOnceAndEndEachSentenceOnce() {
        for (int seed = 0; seed < 60; seed++) {
            var random = new SplittableRandom(seed);
            var one = new HeldSpeech();
            var all = new ByteArrayOutputStream();
            var out = new ByteArrayOutputStream();
            var ends = new ArrayList<Long>();
            int sentences = random.nextInt(1, 6);
            int bytes = random.nextInt(1, 10 * SECOND);
            int passed = 0;
            while (all.size() < bytes || passed < sentences) {
                if (all.size() < bytes && (passed == sentences || random.nextBoolean())) {
                    var more = new byte[Math.min(bytes - all.size(), random.nextInt(1, 2_000))];
                    random.nextBytes(more);
                    all.writeBytes(more);
                    assertThat(one.audio(more, 0)).isTrue();
                } else if (passed < sentences) {
                    String text = "x".repeat(random.nextInt(1, 40)) + ".";
                    one.passed(++passed, TurnText.clear(text), SensitiveText.of(text));
                }
                collect(one.take(), out, ends);
            }
            one.allPassed();
            collect(one.take(), out, ends);
            one.audioEnded();
            collect(one.take(), out, ends);

            assertThat(out.toByteArray()).as("seed %d", seed).isEqualTo(all.toByteArray());
            assertThat(ends).as("seed %d", seed).hasSize(sentences).isSorted();
        }
    }

    private static void collect(List<Spoken> from, ByteArrayOutputStream out, List<Long> ends) {
        for (Spoken piece : from) {
            out.writeBytes(piece.clip().toByteArray());
            if (piece.last()) {
                ends.add(piece.sentence());
            }
        }
    }

    @Test
    void words_areCutIntoSentences_andWhatCameLateIsAdded() {
        assertThat(held.words(SensitiveText.of("Hello there. How"))).containsExactly(SensitiveText.of("Hello there."));
        assertThat(held.wordsEnded(SensitiveText.of("Hello there. How are you? Well.")))
                .containsExactly(SensitiveText.of(" How are you?"), SensitiveText.of(" Well."));
    }

    @Test
    void words_thatWereCorrected_areJudgedAsAWhole() {
        held.words(SensitiveText.of("Hello there. How"));
        assertThat(held.wordsEnded(SensitiveText.of("Good day. Who?")))
                .containsExactly(SensitiveText.of("Good day. Who?"));
    }

    @Test
    void tooMuchSound_isNotHeld() {
        var second = new byte[SECOND];
        for (int i = 0; i < HeldSpeech.MOST.toSeconds(); i++) {
            assertThat(held.audio(second, i)).isTrue();
        }
        assertThat(held.audio(second, 0)).isFalse();
    }

    @Test
    void sound_withoutAnyWords_isWordless() {
        assertThat(held.wordless()).isFalse();
        held.audio(sound(SECOND), 0);
        assertThat(held.wordless()).isTrue();
        held.allPassed();
        held.audioEnded();
        take();
        assertThat(pieces).isEmpty();
    }

    @Test
    void cut_isWhatWasHeard_once() {
        held.audio(sound(SECOND), 0);
        passes(1, "Twenty letters make 1");
        held.heard(Duration.ofMillis(250));
        held.heard(Duration.ofMillis(150));
        assertThat(held.cut()).contains(Duration.ofMillis(400));
        assertThat(held.cut()).isEmpty();
    }

    @Test
    void cut_ofWhatWasHeardWhole_isNone() {
        held.audio(sound(SECOND), 0);
        held.heard(Duration.ofSeconds(1));
        assertThat(held.cut()).isEmpty();
    }
}
