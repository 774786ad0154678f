package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Month;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a caller must not have heard.
final class Speech {
    private Speech() {}

    /// Nothing that was `heard` names a day: no weekday, no month.
    static void assertNoDate(byte[] heard) throws Exception {
        List<String> clips = new ArrayList<>(List.of("word.today", "word.tomorrow"));
        for (DayOfWeek day : DayOfWeek.values()) {
            clips.add("weekday." + day.name().toLowerCase(Locale.ROOT));
        }
        for (Month month : Month.values()) {
            clips.add("month." + month.name().toLowerCase(Locale.ROOT));
        }
        for (String clip : clips) {
            assertThat(Sound.contains(heard, Sound.shipped(clip))).as(clip).isFalse();
        }
    }
}
