package dev.sotto.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.testkit.Samples;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class NormaliserTest {
    private static final List<String> PIECES = List.of(
            "one",
            "oh",
            "zero",
            "double",
            "triple",
            "forty",
            "five",
            "-",
            ",",
            ".",
            " ",
            "  ",
            "hundred",
            "thousand",
            "and",
            "may",
            "first",
            "21st",
            "4155550123",
            "a",
            "b",
            "dot",
            "at",
            "@",
            "(",
            "<",
            "PHONE_1>",
            "nineteen",
            "eighty",
            "four",
            "\u0664\u0665",
            "\uD83D\uDE00",
            "e\u0301",
            "\u200B",
            "O'Neill",
            "\n",
            "\uD800",
            "seventh");

    private static Deadline later() {
        return Deadline.in(Duration.ofSeconds(10), System::nanoTime);
    }

    private static String normal(String text) {
        return Normaliser.normalise(text, later()).stream().map(Token::text).collect(Collectors.joining(" "));
    }

    @Test
    void spokenNumbers_becomeTheDigitsThatAreMeant() {
        assertThat(normal("four one five")).isEqualTo("4 1 5");
        assertThat(normal("double five triple oh seven")).isEqualTo("55 000 7");
        assertThat(normal("forty five sixty-seven")).isEqualTo("45 67");
        assertThat(normal("nineteen eighty four")).isEqualTo("19 84");
        assertThat(normal("nineteen oh five")).isEqualTo("19 0 5");
        assertThat(normal("two thousand and five")).isEqualTo("2005");
        assertThat(normal("two thousand twenty four")).isEqualTo("2024");
        assertThat(normal("one hundred and twenty three")).isEqualTo("123");
        assertThat(normal("eight hundred five five five")).isEqualTo("800 5 5 5");
        assertThat(normal("nineteen hundred")).isEqualTo("1900");
        assertThat(normal("5 thousand")).isEqualTo("5000");
        assertThat(normal("twenty twenty four")).isEqualTo("20 24");
    }

    @Test
    void ordinals_writtenAndSpoken_becomeNumbers() {
        assertThat(normal("the fourteenth")).isEqualTo("the 14");
        assertThat(normal("the twenty-first and 3rd")).isEqualTo("the 21 and 3");
        assertThat(normal("thirtieth")).isEqualTo("30");
    }

    @Test
    void oh_isZeroOnlyBesideANumber() {
        assertThat(normal("oh yes")).isEqualTo("oh yes");
        assertThat(normal("oh one two")).isEqualTo("0 1 2");
        assertThat(normal("one oh")).isEqualTo("1 0");
    }

    @Test
    void spelledLetters_becomeOneWord() {
        assertThat(normal("my m r n is")).isEqualTo("my mrn is");
        assertThat(normal("D.O.B. and J-O-H-N")).isEqualTo("dob . and john");
        assertThat(normal("a dog")).isEqualTo("a dog");
    }

    @Test
    void charactersThatNobodySees_doNotPartANumber() {
        assertThat(normal("415\u200B555\u00AD0123")).isEqualTo("4155550123");
    }

    @Test
    void digitsOfOtherScripts_areDigits() {
        assertThat(normal("\u0664\u0661\u0665 \uFF14\uFF11")).isEqualTo("415 41");
    }

    @Test
    void placeholders_areMarks() {
        assertThat(normal("<PHONE_1> <SSN> <DOB:0123456789abcdef0123456789abcdef> <other> <PHONE_>"))
                .isEqualTo("<> <> <> < other > < phone _ >");
    }

    @Test
    void tokens_ofAnyText_standInOrderInsideIt_andComeFromWhatStandsThere() {
        Samples.forAll(2_000, NormaliserTest::anyText, text -> {
            int end = 0;
            for (Token token : Normaliser.normalise(text, later())) {
                assertThat(token.start()).isGreaterThanOrEqualTo(end).isLessThan(token.end());
                assertThat(token.end()).isLessThanOrEqualTo(text.length());
                end = token.end();
                String there = text.substring(token.start(), token.end());
                assertThat(normal(there).replace(" ", "")).contains(alone(token) ? token.text() : "");
            }
        });
    }

    /// Whether a token means the same without what stands beside it.
    private static boolean alone(Token token) {
        return !token.text().equals("0");
    }

    @Test
    void findings_inAnyText_standInsideIt_andTheirValuesAreSafeInJson() {
        Detection detection = Detection.standard();
        Samples.forAll(2_000, NormaliserTest::anyText, text -> {
            var sensitive = SensitiveText.of(text);
            var utterance = Utterance.of(sensitive, Expectation.SSN, later());
            for (Finding finding : detection.find(utterance, later())) {
                assertThat(finding.span().end()).isLessThanOrEqualTo(text.length());
                assertThat(Values.of(utterance, finding.span(), finding.type()))
                        .doesNotContain("\"", "\\", "\n", "<", ">");
            }
        });
    }

    private static String anyText(RandomGenerator random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(24); i >= 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
            text.append(random.nextInt(3) > 0 ? " " : "");
        }
        return text.toString();
    }
}
