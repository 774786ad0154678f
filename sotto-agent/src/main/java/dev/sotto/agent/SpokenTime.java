package dev.sotto.agent;

import java.time.LocalDate;
import java.time.LocalTime;
import java.time.Month;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// How a date and a time are said in clips, and written in a transcript.
final class SpokenTime {
    private static final int NOON = 12;
    private static final int TEN = 10;
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEEE, MMMM d", Locale.ENGLISH);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("h:mm a", Locale.ENGLISH);

    private SpokenTime() {}

    /// Such as "Tuesday November twenty fourth". The year is not said: appointments are near.
    static List<String> clips(LocalDate date) {
        return List.of(
                "weekday." + date.getDayOfWeek().name().toLowerCase(Locale.ROOT),
                "month." + date.getMonth().name().toLowerCase(Locale.ROOT),
                "ordinal." + date.getDayOfMonth());
    }

    /// Such as "ten thirty A M", "ten oh five A M" or "ten o'clock A M". Seconds are not said.
    static List<String> clips(LocalTime time) {
        var clips = new ArrayList<String>(4);
        int hour = time.getHour() % NOON;
        clips.add("number." + (hour == 0 ? NOON : hour));
        int minute = time.getMinute();
        if (minute == 0) {
            clips.add("word.oclock");
        } else {
            if (minute < TEN) {
                clips.add("word.oh");
            }
            clips.add("number." + minute);
        }
        clips.add(time.getHour() < NOON ? "word.am" : "word.pm");
        return List.copyOf(clips);
    }

    /// Every clip that a date or a time can name.
    static Set<String> allClips() {
        var clips = new TreeSet<String>();
        for (var month : Month.values()) {
            clips.addAll(clips(LocalDate.of(2024, month, 1)));
        }
        for (int day = 1; day <= 31; day++) {
            clips.addAll(clips(LocalDate.of(2024, Month.JANUARY, day)));
        }
        for (int minute = 0; minute < 24 * 60; minute++) {
            clips.addAll(clips(LocalTime.MIDNIGHT.plusMinutes(minute)));
        }
        return clips;
    }

    static String text(LocalDate date) {
        return DATE.format(date);
    }

    static String text(LocalTime time) {
        return TIME.format(time);
    }
}
