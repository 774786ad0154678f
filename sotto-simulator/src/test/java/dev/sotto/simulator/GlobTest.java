package dev.sotto.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.Samples;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class GlobTest {
    @Test
    void matches_caseAndPunctuation_doNotCount() {
        assertThat(new Glob("*next appointment*").matches("When, please, is my NEXT -- appointment?!"))
                .isTrue();
        assertThat(new Glob("im here").matches("I'm here.")).isTrue();
        assertThat(new Glob("hello").matches("hello there")).isFalse();
    }

    @Test
    void matches_placeholders_keepTheirBrackets() {
        assertThat(new Glob("<DOB*>").matches("<DOB_12>")).isTrue();
        assertThat(new Glob("<DOB*>").matches("DOB 12")).isFalse();
    }

    @Test
    void matches_likeARegularExpression_onRandomInput() {
        Samples.forAll(
                2_000,
                random -> {
                    var pattern = new StringBuilder();
                    var text = new StringBuilder();
                    random.ints(random.nextInt(8), 0, 3).forEach(i -> pattern.append("ab*".charAt(i)));
                    random.ints(random.nextInt(10), 0, 2).forEach(i -> text.append("ab".charAt(i)));
                    return new String[] {pattern.toString(), text.toString()};
                },
                pair -> assertThat(new Glob(pair[0]).matches(pair[1]))
                        .as("%s on %s", pair[0], pair[1])
                        .isEqualTo(Pattern.matches(pair[0].replace("*", ".*"), pair[1])));
    }

    @Test
    void matches_hostilePattern_staysFast() {
        var glob = new Glob("a*".repeat(500) + "b");
        var before = System.nanoTime();
        assertThat(glob.matches("a".repeat(20_000))).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
    }
}
