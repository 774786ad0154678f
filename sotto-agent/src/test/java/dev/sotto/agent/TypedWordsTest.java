package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.testkit.Samples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TypedWordsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "19840512",
                "1984-05-12",
                "1984/5/12",
                "05/12/1984",
                "5/12/1984",
                "05121984",
                "May 12, 1984",
                "may 12th 1984",
                "12 May 1984",
                " 1984 05 12 "
            })
    void birthDate_inUsualForms_isOneDate(String typed) {
        assertThat(TypedWords.birthDate(SensitiveText.of(typed)).reveal()).isEqualTo("19840512");
    }

    @ParameterizedTest
    @ValueSource(strings = {"84", "1984-05", "12 12 12 12", "99999999999999999999", "0"})
    void birthDate_thatIsNone_isItsDigitsAndSixteenAtMost(String typed) {
        String digits = typed.replaceAll("\\D", "");

        assertThat(TypedWords.birthDate(SensitiveText.of(typed)).reveal())
                .isEqualTo(digits.substring(0, Math.min(16, digits.length())));
    }

    @Test
    void birthDate_ofAnything_isDigitsOnly() {
        Samples.forAll(
                2_000,
                random -> random.ints(random.nextInt(0, 40), 0x20, 0x180)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString(),
                typed -> assertThat(
                                TypedWords.birthDate(SensitiveText.of(typed)).reveal())
                        .matches("\\d{0,16}"));
    }

    @Test
    void choices_meanOneKeyOrNone() {
        assertThat(TypedWords.menu(SensitiveText.of("3"))).contains('3');
        assertThat(TypedWords.menu(SensitiveText.of("Please book one"))).contains('3');
        assertThat(TypedWords.menu(SensitiveText.of("cancel, or book?"))).isEmpty();
        assertThat(TypedWords.menu(SensitiveText.of("two"))).contains('2');
        assertThat(TypedWords.confirm(SensitiveText.of("Yes!"))).contains('1');
        assertThat(TypedWords.confirm(SensitiveText.of("yes, no"))).isEmpty();
        assertThat(TypedWords.offer(SensitiveText.of("the second"))).contains('2');
        assertThat(TypedWords.aside(SensitiveText.of("I want a person"))).contains('0');
        assertThat(TypedWords.aside(SensitiveText.of("hello"))).isEmpty();
    }
}
