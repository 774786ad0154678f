package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpokenTimeTest {
    private static final Voice VOICE = Voice.shipped();

    @Test
    void everyDateAndTime_isSaidInShippedClips() {
        for (var date = LocalDate.of(2024, 1, 1); date.getYear() < 2032; date = date.plusDays(1)) {
            assertThat(VOICE.names()).containsAll(SpokenTime.clips(date));
        }
        for (int minute = 0; minute < 24 * 60; minute++) {
            var time = LocalTime.MIDNIGHT.plusMinutes(minute);
            assertThat(VOICE.names()).containsAll(SpokenTime.clips(time));
        }
    }

    @Test
    void times_areSaidAsPeopleSayThem() {
        assertThat(SpokenTime.clips(LocalTime.of(10, 30))).isEqualTo(List.of("number.10", "number.30", "word.am"));
        assertThat(SpokenTime.clips(LocalTime.of(10, 5)))
                .isEqualTo(List.of("number.10", "word.oh", "number.5", "word.am"));
        assertThat(SpokenTime.clips(LocalTime.of(10, 0))).isEqualTo(List.of("number.10", "word.oclock", "word.am"));
        assertThat(SpokenTime.clips(LocalTime.of(0, 15))).isEqualTo(List.of("number.12", "number.15", "word.am"));
        assertThat(SpokenTime.clips(LocalTime.of(12, 0))).isEqualTo(List.of("number.12", "word.oclock", "word.pm"));
        assertThat(SpokenTime.clips(LocalTime.of(23, 59))).isEqualTo(List.of("number.11", "number.59", "word.pm"));
    }

    @Test
    void dates_areSaidWithWeekdayMonthAndOrdinal() {
        assertThat(SpokenTime.clips(LocalDate.of(2026, 11, 24)))
                .isEqualTo(List.of("weekday.tuesday", "month.november", "ordinal.24"));
    }

    @Test
    void wording_labelsWhatIsAboutAPerson() {
        var phrase = Phrase.of("appointment.next").then(Phrase.when(LocalDateTime.parse("2026-11-24T10:30")));
        var text = Wording.of(phrase, Duration.ofMinutes(1), VOICE);

        assertThat(text.redacted()).isEqualTo("Your next appointment is on [DATE] at [TIME].");
        assertThat(text.toString()).doesNotContain("November").doesNotContain("10:30");
    }

    @Test
    void wording_ofAnOffer_reads() {
        var phrase = Phrase.of("offer.intro", "offer.for")
                .then(Phrase.when(LocalDateTime.parse("2026-11-24T10:30")))
                .then("offer.press", "number.1", "offer.back");

        assertThat(Wording.of(phrase, Duration.ofMinutes(1), VOICE).redacted())
                .isEqualTo("These times are free. For [DATE] at [TIME] press one. To go back, press nine.");
    }

    @Test
    void wording_ofACutPhrase_holdsWhatHadBegun() {
        var phrase = Phrase.of("appointment.next").then(Phrase.when(LocalDateTime.parse("2026-11-24T10:30")));

        assertThat(Wording.of(phrase, VOICE.duration("appointment.next"), VOICE).redacted())
                .isEqualTo("Your next appointment is on. [cut off]");
        assertThat(Wording.of(phrase, VOICE.duration("appointment.next").plusMillis(1), VOICE)
                        .redacted())
                .isEqualTo("Your next appointment is on [DATE]. [cut off]");
    }
}
