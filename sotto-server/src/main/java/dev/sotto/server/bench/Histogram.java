package dev.sotto.server.bench;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How often something took at most so many seconds: the buckets of one timer in Prometheus' text format, which only
/// grow, so that the difference of two readings is everything that happened between them. Immutable.
///
/// @param upTo the running count by upper bound, in seconds
/// @param sum of all, in seconds
record Histogram(NavigableMap<Double, Long> upTo, double sum) {
    private static final String NUMBER = "\\s+([0-9.eE+-]+)";

    /// Reads one; empty if it is not there yet.
    ///
    /// @param timer such as `sotto_guard_turn`
    static Histogram read(String text, String timer) {
        var bucket = Pattern.compile(
                        "^%s_seconds_bucket\\{le=\"([^\"]+)\"}%s".formatted(timer, NUMBER), Pattern.MULTILINE)
                .matcher(text);
        NavigableMap<Double, Long> upTo = new TreeMap<>();
        while (bucket.find()) {
            double bound =
                    bucket.group(1).equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bucket.group(1));
            upTo.put(bound, (long) Double.parseDouble(bucket.group(2)));
        }
        Matcher sum = Pattern.compile("^%s_seconds_sum%s".formatted(timer, NUMBER), Pattern.MULTILINE)
                .matcher(text);
        return new Histogram(upTo, sum.find() ? Double.parseDouble(sum.group(1)) : 0);
    }

    /// The names of all timers in `text`, in their order there.
    static List<String> timers(String text) {
        return Pattern.compile("^(\\w+)_seconds_bucket\\{le=\"\\+Inf\"}", Pattern.MULTILINE)
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    /// What came since `earlier`.
    Histogram since(Histogram earlier) {
        NavigableMap<Double, Long> difference = new TreeMap<>();
        upTo.forEach((bound, count) -> difference.put(bound, count - earlier.upTo.getOrDefault(bound, 0L)));
        return new Histogram(difference, sum - earlier.sum);
    }

    /// Both together.
    Histogram and(Histogram other) {
        NavigableMap<Double, Long> both = new TreeMap<>(other.upTo);
        upTo.forEach((bound, count) -> both.merge(bound, count, Long::sum));
        return new Histogram(both, sum + other.sum);
    }

    long count() {
        return upTo.isEmpty() ? 0 : upTo.lastEntry().getValue();
    }

    double meanMillis() {
        return count() == 0 ? 0 : sum / count() * 1_000;
    }

    /// The upper bound of the bucket in which the quantile lies, in milliseconds: never less than the quantile. Empty
    /// if nothing was counted.
    OptionalDouble quantileMillis(double share) {
        double wanted = Math.ceil(count() * share);
        return upTo.entrySet().stream()
                .filter(entry -> count() > 0 && entry.getValue() >= wanted)
                .mapToDouble(Map.Entry::getKey)
                .map(seconds -> seconds * 1_000)
                .findFirst();
    }
}
