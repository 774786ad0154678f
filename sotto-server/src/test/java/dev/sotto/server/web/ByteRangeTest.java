package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.Samples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {
    @ParameterizedTest
    @CsvSource({
        "bytes=0-, 0, 99",
        "bytes=0-0, 0, 0",
        "bytes=10-19, 10, 19",
        "bytes=90-200, 90, 99",
        "bytes=-1, 99, 99",
        "bytes=-500, 0, 99",
        "BYTES=5-6, 5, 6",
        "bytes=99-, 99, 99"
    })
    void of_satisfiable_isThatPart(String header, long first, long last) {
        assertThat(ByteRange.of(header, 100)).isEqualTo(new ByteRange.Part(first, last));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=100-", "bytes=100-200", "bytes=-0", "bytes=999999999999999999-"})
    void of_nothingOfTheFile_isUnsatisfiable(String header) {
        assertThat(ByteRange.of(header, 100)).isEqualTo(new ByteRange.Unsatisfiable());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bytes=-",
                "bytes=9-5",
                "bytes=0-1,5-6",
                "lines=1-2",
                "",
                "bytes=a-b",
                "bytes=9999999999999999999-"
            })
    void of_anyOtherForm_isTheWhole(String header) {
        assertThat(ByteRange.of(header, 100)).isEqualTo(new ByteRange.Whole());
    }

    @Test
    void of_noHeader_isTheWhole() {
        assertThat(ByteRange.of(null, 100)).isEqualTo(new ByteRange.Whole());
    }

    @Test
    void of_emptyFile_hasNoPart() {
        assertThat(ByteRange.of("bytes=0-", 0)).isEqualTo(new ByteRange.Unsatisfiable());
        assertThat(ByteRange.of("bytes=-5", 0)).isEqualTo(new ByteRange.Unsatisfiable());
    }

    @Test
    void of_anyPart_liesWithinTheFile() {
        Samples.forAll(
                1_000,
                random -> new long[] {random.nextLong(1, 1_000), random.nextLong(2_000), random.nextLong(2_000)},
                asked -> {
                    var range = ByteRange.of("bytes=%d-%d".formatted(asked[1], asked[2]), asked[0]);
                    if (range instanceof ByteRange.Part part) {
                        assertThat(part.first()).isEqualTo(asked[1]);
                        assertThat(part.last()).isBetween(part.first(), asked[0] - 1);
                        assertThat(part.length()).isPositive();
                    }
                });
    }
}
