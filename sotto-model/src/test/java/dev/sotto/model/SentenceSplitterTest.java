package dev.sotto.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.testkit.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SentenceSplitterTest {
    private static final String ALPHABET = "aB1.?!… \n,\"')\u3002\uD83D\uDE00";

    private static List<String> split(String text, int... cuts) {
        var splitter = new SentenceSplitter();
        var sentences = new ArrayList<SensitiveText>();
        int from = 0;
        for (int cut : cuts) {
            sentences.addAll(splitter.feed(SensitiveText.of(text.substring(from, cut))));
            from = cut;
        }
        sentences.addAll(splitter.feed(SensitiveText.of(text.substring(from))));
        splitter.finish().ifPresent(sentences::add);
        return sentences.stream().map(SensitiveText::reveal).toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, textBlock = """
                    Hello. How are you? Fine!|Hello./ How are you?/ Fine!
                    Dr. Smith is at St. Mary. Ask her.|Dr. Smith is at St. Mary./ Ask her.
                    Your visit is at 3 p.m. today. Bye.|Your visit is at 3 p.m. today./ Bye.
                    It costs 3.50 dollars. Is that ok?|It costs 3.50 dollars./ Is that ok?
                    The answer is no. Suite No. 5 is next.|The answer is no./ Suite No. 5 is next.
                    It is at half past nine A M. Can I help?|It is at half past nine A M./ Can I help?
                    Ask for John F. Kennedy. Or A. B. Smith.|Ask for John F. Kennedy./ Or A. B. Smith.
                    Call 555. 0123 now. Thanks.|Call 555. 0123 now./ Thanks.
                    "Really?" she said. (Yes.) Good.|"Really?"/ she said./ (Yes.)/ Good.
                    Wait... what? No?!|Wait... what?/ No?!
                    See example.com for more. Done|See example.com for more./ Done
                    J. Smith called. So did I. Good.|J. Smith called./ So did I./ Good.
                    こんにちは。元気ですか？|こんにちは。/元気ですか？
                    """)
    void split_ofSpokenText_isBySentences(String text, String sentences) {
        assertThat(split(text)).containsExactly(sentences.split("/"));
    }

    @Test
    void sentence_isReadyWhenTheNextBegins() {
        var splitter = new SentenceSplitter();

        assertThat(splitter.feed(SensitiveText.of("Hello. "))).isEmpty();
        assertThat(splitter.feed(SensitiveText.of("H"))).containsExactly(SensitiveText.of("Hello."));
        assertThat(splitter.feed(SensitiveText.of("i!\n"))).containsExactly(SensitiveText.of(" Hi!\n"));
        assertThat(splitter.finish()).isEmpty();
    }

    @Test
    void split_ofAnyText_losesNothingAndDependsOnTheTextOnly() {
        Samples.forAll(1_000, SentenceSplitterTest::text, text -> {
            var whole = split(text);
            var random = new SplittableRandom(text.hashCode());
            int[] cuts = random.ints(5, 0, text.length() + 1).sorted().toArray();

            assertThat(split(text, cuts)).isEqualTo(whole);
            assertThat(String.join("", whole).stripTrailing()).isEqualTo(text.stripTrailing());
            assertThat(whole)
                    .allSatisfy(
                            sentence -> assertThat(sentence.length()).isBetween(1, SentenceSplitter.MAX_CHARACTERS));
        });
    }

    private static String text(RandomGenerator random) {
        var text = new StringBuilder();
        int length = random.nextInt(900);
        boolean dense = random.nextBoolean();
        for (int i = 0; i < length; i++) {
            text.append(dense ? ALPHABET.charAt(random.nextInt(ALPHABET.length())) : (char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    @Test
    void sentence_thatIsTooLong_isCutWhereItHurtsLeast() {
        String digits = "1 2 3 4 5 6 7 8 9 ".repeat(30);
        assertThat(split("please note " + digits).getFirst()).isEqualTo("please note");
        assertThat(split("word ".repeat(40) + "end, " + "word ".repeat(60)).getFirst())
                .endsWith("end,");
        assertThat(split("\uD83D\uDE00".repeat(400)))
                .allSatisfy(part -> assertThat(Character.isHighSurrogate(part.charAt(part.length() - 1)))
                        .isFalse());
    }
}
