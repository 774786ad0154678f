package dev.sotto.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TimeOrderedIdTest {
    @Test
    void text_ofAnyValue_readsBackEqual() {
        var random = new SplittableRandom(7);
        for (int run = 0; run < 1_000; run++) {
            var id = new CallId(new UUID(random.nextLong(), random.nextLong()));

            assertThat(CallId.parse(id.toString())).isEqualTo(id);
            assertThat(id.toString()).hasSize(26).matches("[0-7][0-9A-HJKMNP-TV-Z]{25}");
        }
    }

    @Test
    void text_knownValue_isTheUlidForm() {
        // the example of the ULID specification: 01ARZ3NDEKTSV4RRFFQ69G5FAV
        var id = new CallId(UUID.fromString("01563e3a-b5d3-d676-4c61-efb99302bd5b"));

        assertThat(id).hasToString("01ARZ3NDEKTSV4RRFFQ69G5FAV");
    }

    @Test
    void next_isVersion7_andSortsByTime() {
        var earlier = new IdSource(at(1_000), new SplittableRandom(1)).callId();
        var later = new IdSource(at(1_001), new SplittableRandom(1)).callId();

        assertThat(earlier.value().version()).isEqualTo(7);
        assertThat(earlier.value().variant()).isEqualTo(2);
        assertThat(earlier.toString()).isLessThan(later.toString());
    }

    @Test
    void parse_malformedText_isRefusedWithoutEcho() {
        for (String text : new String[] {
            "", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "01ARZ3NDEKTSV4RRFFQ69G5FAI", "01arz3ndektsv4rrffq69g5fav"
        }) {
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> CallId.parse(text))
                    .withMessage("call id must be 26 characters of Crockford base 32");
        }
    }

    private static Clock at(long millis) {
        return Clock.fixed(Instant.ofEpochMilli(millis), ZoneOffset.UTC);
    }
}
