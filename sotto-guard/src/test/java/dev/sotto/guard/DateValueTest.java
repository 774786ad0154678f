package dev.sotto.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.Samples;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DateValueTest {
    private static Optional<String> of(String... numbers) {
        return DateSpan.valueOf(List.of(numbers));
    }

    @Test
    void numbersSaidOneByOne_areReadAsMonthDayYear() {
        assertThat(of("7", "4", "76")).contains("19760704");
        assertThat(of("7", "4", "19", "76")).contains("19760704");
        assertThat(of("0", "7", "0", "4", "19", "76")).contains("19760704");
        assertThat(of("12", "25", "1970")).contains("19701225");
        assertThat(of("25", "12", "1970")).contains("19701225");
        assertThat(of("3", "14", "19", "0", "5")).contains("19050314");
        assertThat(of("03141984")).contains("19840314");
        assertThat(of("1", "9", "8", "4", "0", "3", "1", "4")).contains("19840314");
        assertThat(of("1984")).contains("1984");
    }

    @Test
    void numbersThatAreNoDate_areNone() {
        assertThat(of("13", "32", "1984")).isEmpty();
        assertThat(of("2", "30", "1984")).isEmpty();
        assertThat(of("7", "4")).isEmpty();
        assertThat(of("4155550123")).isEmpty();
        assertThat(of("0", "0", "0")).isEmpty();
    }

    @Test
    void anyDate_inEightDigits_isReadBack() {
        Samples.forAll(
                500,
                random -> LocalDate.of(1900, 1, 1).plusDays(random.nextInt(45_000)),
                date -> assertThat(of(
                                "%02d%02d%04d".formatted(date.getMonthValue(), date.getDayOfMonth(), date.getYear())))
                        .isPresent());
    }

    @Test
    void anyNumbers_areReadOrNot_butNeverFail() {
        Samples.forAll(
                2_000,
                random -> random.ints(1 + random.nextInt(6), 0, 10_000)
                        .mapToObj(Integer::toString)
                        .toList(),
                numbers -> assertThat(DateSpan.valueOf(numbers))
                        .satisfiesAnyOf(
                                read -> assertThat(read).isEmpty(),
                                read -> assertThat(read.orElseThrow()).matches("[0-9]{4}([0-9]{4})?")));
    }
}
