package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.RejectedException;
import dev.sotto.store.CallFilter;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.CallState;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallSearchTest {
    private static final ZoneId ZONE = ZoneId.of("America/Chicago");

    @Test
    void filter_ofNothing_isAll() {
        assertThat(CallSearch.of(Map.of()).filter(ZONE)).isEqualTo(CallFilter.all());
        assertThat(CallSearch.of(Map.of()).isAny()).isTrue();
    }

    @Test
    void filter_ofDays_isInTheTenantsZoneWithTheLastDayIncluded() {
        // The clocks went back on 1 November 2026, so the day has 25 hours.
        CallFilter filter =
                CallSearch.of(Map.of("from", "2026-11-01", "to", "2026-11-01")).filter(ZONE);

        assertThat(filter.from()).contains(Instant.parse("2026-11-01T05:00:00Z"));
        assertThat(filter.until()).contains(Instant.parse("2026-11-02T06:00:00Z"));
    }

    @ParameterizedTest
    @CsvSource({"short,,29999", "middle,30000,119999", "long,120000,"})
    void filter_ofLengths_partsAllCalls(String length, Long shortest, Long longest) {
        CallFilter filter = CallSearch.of(Map.of("length", length)).filter(ZONE);

        assertThat(filter.shortest()).isEqualTo(Optional.ofNullable(shortest).map(Duration::ofMillis));
        assertThat(filter.longest()).isEqualTo(Optional.ofNullable(longest).map(Duration::ofMillis));
    }

    @Test
    void filter_ofOutcomes_knowsThoseOfTheApiAndLive() {
        assertThat(CallSearch.of(Map.of("outcome", "hung_up")).filter(ZONE).outcome())
                .contains(CallOutcome.HUNG_UP);
        CallFilter live = CallSearch.of(Map.of("outcome", "live")).filter(ZONE);
        assertThat(live.state()).contains(CallState.CONNECTED);
        assertThat(live.outcome()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"outcome,canary", "outcome,HUNG_UP", "length,canary", "from,21.11.2026", "to,2026-13-01"})
    void filter_ofAnythingElse_isRejectedWithoutEcho(String field, String value) {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> CallSearch.of(Map.of(field, value)).filter(ZONE))
                .withMessageNotContaining(value);
    }

    @Test
    void search_withAnEndlessField_isRejected() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> CallSearch.of(Map.of("from", "2".repeat(33))));
    }

    @Test
    void page_keepsTheSearchAndEncodesIt() {
        var search = new CallSearch("2026-11-01", "", "a&b=\"<", "");

        assertThat(search.page("01JD")).isEqualTo("/calls?from=2026-11-01&outcome=a%26b%3D%22%3C&before=01JD");
    }
}
