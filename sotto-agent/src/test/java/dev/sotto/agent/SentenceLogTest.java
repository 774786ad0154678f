package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.agent.SentenceLog.Sentence;
import dev.sotto.core.SensitiveText;
import dev.sotto.media.AudioClip;
import dev.sotto.store.TurnText;
import dev.sotto.store.TurnText.Part;
import dev.sotto.testkit.Samples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SentenceLogTest {
    private static final String CUT_OFF = " [cut off]";
    private static final TurnText WORDS = TurnText.clear("Your next appointment is on Tuesday at ten.");

    private final List<Sentence> done = new ArrayList<>();
    private final SentenceLog log = new SentenceLog(done::add);

    private static Playback.Heard heard(Spoken piece, long at, long millis, boolean whole) {
        return new Playback.Heard(piece, Duration.ofMillis(at), Duration.ofMillis(millis), whole);
    }

    private static Spoken piece(long sentence, TurnText text, boolean last) {
        return new Spoken(sentence, text, AudioClip.empty(), last);
    }

    private void hear(long sentence, TurnText text, boolean last, long at, long millis, boolean whole) {
        var piece = piece(sentence, text, last);
        log.heard(piece, heard(piece, at, millis, whole));
    }

    @Test
    void sentence_heardInPieces_isOneTurnOfItsWholeLength() {
        hear(1, WORDS, false, 5_000, 100, true);
        hear(1, WORDS, false, 5_100, 400, true);
        assertThat(done).isEmpty();
        hear(1, WORDS, true, 5_500, 300, true);

        assertThat(done)
                .containsExactly(new Sentence(1, WORDS, Duration.ofMillis(5_000), Duration.ofMillis(800), true));
    }

    @Test
    void sentences_oneAfterTheOther_eachHaveTheirOwnBeginning() {
        hear(1, WORDS, true, 0, 700, true);
        hear(2, WORDS, true, 900, 200, true);

        assertThat(done).extracting(Sentence::number).containsExactly(1L, 2L);
        assertThat(done).extracting(Sentence::at).containsExactly(Duration.ZERO, Duration.ofMillis(900));
        assertThat(done).extracting(Sentence::length).containsExactly(Duration.ofMillis(700), Duration.ofMillis(200));
    }

    @Test
    void piece_ofAsManyPartsAsATurnMayHave_canBeCutOff() {
        var parts = new ArrayList<Part>();
        for (int i = 0; i < 256; i++) {
            parts.add(new Part.Clear("a "));
        }
        hear(1, new TurnText(parts), true, 0, 3_600_000, false);

        assertThat(done)
                .singleElement()
                .satisfies(sentence -> assertThat(sentence.text().redacted()).endsWith(CUT_OFF));
    }

    @Test
    void piece_cutOff_keepsTheWordsThatFitTheTime() {
        hear(1, WORDS, false, 0, 400, true);
        hear(1, WORDS, true, 400, 600, false);

        assertThat(done).singleElement().satisfies(sentence -> {
            assertThat(sentence.whole()).isFalse();
            assertThat(sentence.length()).isEqualTo(Duration.ofSeconds(1));
            // 14 characters a second, to the end of the word
            assertThat(sentence.text().redacted()).isEqualTo("Your next appointment" + CUT_OFF);
        });
    }

    @Test
    void protectedPart_isThereWholeOrNotAtAll() {
        var text = TurnText.of(
                new Part.Clear("Hello "),
                new Part.Protected("NAME", SensitiveText.of("Maren Oakfield")),
                new Part.Clear(", how are you?"));
        hear(1, text, false, 0, 100, true);
        log.cut();
        hear(2, text, false, 0, 700, true);
        log.cut();

        assertThat(done)
                .extracting(sentence -> sentence.text().redacted())
                .containsExactly("Hello" + CUT_OFF, "Hello [NAME]" + CUT_OFF);
        assertThat(done.getFirst().text().parts()).noneMatch(Part.Protected.class::isInstance);
        assertThat(done.getLast().text().parts()).contains(text.parts().get(1));
    }

    @Test
    void sentence_thatAnotherFollowsBeforeItsEnd_isCutOff() {
        hear(1, WORDS, false, 0, 100, true);
        hear(2, WORDS, true, 100, 100, true);

        assertThat(done).extracting(Sentence::whole).containsExactly(false, true);
        assertThat(done.getFirst().length()).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void cut_withNothingBeingSaid_isNoTurn() {
        log.cut();
        hear(1, WORDS, true, 0, 100, true);
        log.cut();

        assertThat(done).hasSize(1);
    }

    @Test
    void sentence_cutAtAnyMoment_isABeginningOfItself() {
        String whole = WORDS.redacted();
        Samples.forAll(200, random -> random.nextLong(0, 6_000), millis -> {
            var cut = new ArrayList<Sentence>();
            var fresh = new SentenceLog(cut::add);
            var piece = piece(1, WORDS, false);
            fresh.heard(piece, heard(piece, 0, millis, false));

            String shown = cut.getFirst().text().redacted();
            assertThat(shown).endsWith(CUT_OFF);
            String words = shown.substring(0, shown.length() - CUT_OFF.length());
            assertThat(whole).startsWith(words);
            assertThat(words.length()).isBetween((int) Math.min(whole.length(), millis * 14 / 1_000), whole.length());
            assertThat(whole.substring(words.length()).isBlank()
                            || words.isEmpty()
                            || whole.charAt(words.length()) == ' ')
                    .as("at the end of a word")
                    .isTrue();
        });
    }
}
