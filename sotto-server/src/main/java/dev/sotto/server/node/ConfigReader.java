package dev.sotto.server.node;

import dev.sotto.core.RejectedException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads `key = value` lines strictly: every problem is collected and all are reported together by [#finish()]. A
/// value is what stands after the first `=`, trimmed; lines that start with `#` are comments. Not thread-safe.
public final class ConfigReader {
    private static final int MAX_LINES = 1_000;
    private static final int MAX_SHOWN = 80;
    private static final Pattern LINE = Pattern.compile("([a-z][a-z0-9.-]*)\\s*=\\s*(.*)");
    private static final Pattern E164 = Pattern.compile("\\+[1-9][0-9]{6,14}");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    private final String source;
    private final Map<String, String> values = new LinkedHashMap<>();
    private final Map<String, String> removed;
    private final Set<String> known = new TreeSet<>();
    private final List<String> problems = new ArrayList<>();

    private ConfigReader(String source, Map<String, String> removed) {
        this.source = source;
        this.removed = Map.copyOf(removed);
    }

    /// Splits `text` into keys and values.
    ///
    /// @param source what problems name, such as the file
    /// @param removed keys that earlier versions knew, with what to write in their place
    public static ConfigReader parse(String source, String text, Map<String, String> removed) {
        var reader = new ConfigReader(source, removed);
        List<String> lines = text.lines().limit(MAX_LINES + 1L).toList();
        if (lines.size() > MAX_LINES) {
            reader.problems.add("%s has more than %d lines".formatted(source, MAX_LINES));
            return reader;
        }
        for (int i = 0; i < lines.size(); i++) {
            reader.line(i + 1, lines.get(i).strip());
        }
        return reader;
    }

    private void line(int number, String line) {
        if (line.isEmpty() || line.startsWith("#")) {
            return;
        }
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            problems.add("line %d must be: key = value".formatted(number));
        } else if (values.putIfAbsent(matcher.group(1), matcher.group(2)) != null) {
            problems.add("%s is given twice, again in line %d".formatted(matcher.group(1), number));
        }
    }

    public String text(String key, String otherwise) {
        return value(key).orElse(otherwise);
    }

    public Optional<String> text(String key) {
        return value(key);
    }

    public int integer(String key, int otherwise, int min, int max) {
        return integer(key, min, max).orElse(otherwise);
    }

    public OptionalInt integer(String key, int min, int max) {
        Optional<Integer> read = read(key, "a number from %d to %d".formatted(min, max), text -> {
            int value = Integer.parseInt(text);
            return value < min || value > max ? null : value;
        });
        return read.isPresent() ? OptionalInt.of(read.get()) : OptionalInt.empty();
    }

    /// A duration with its unit: `ms`, `s`, `m`, `h` or `d`.
    public Duration duration(String key, Duration otherwise, Duration min, Duration max) {
        String rule = "a duration from %s to %s, such as %s".formatted(words(min), words(max), words(otherwise));
        return read(key, rule, text -> {
                    Duration value = parseDuration(text);
                    return value == null || value.compareTo(min) < 0 || value.compareTo(max) > 0 ? null : value;
                })
                .orElse(otherwise);
    }

    public Optional<Path> path(String key) {
        return read(key, "a path", text -> text.isEmpty() ? null : Path.of(text).toAbsolutePath());
    }

    /// An `https` address without path, query or user, such as `https://voice.example.org`.
    public Optional<URI> origin(String key) {
        return read(key, "an https address without a path, such as https://voice.example.org", text -> {
            var uri = new URI(text);
            boolean bare = uri.getRawPath().isEmpty()
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && uri.getRawUserInfo() == null;
            return "https".equals(uri.getScheme()) && uri.getHost() != null && bare ? uri : null;
        });
    }

    /// An address with or without a path, such as `https://models.example.org/v1`.
    public Optional<URI> address(String key) {
        return read(key, "an address such as https://models.example.org/v1", text -> {
            var uri = new URI(text);
            boolean plain = uri.getRawFragment() == null && uri.getRawUserInfo() == null && uri.getHost() != null;
            return plain && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme())) ? uri : null;
        });
    }

    /// A telephone number in E.164.
    public Optional<String> e164(String key) {
        return read(
                key, "a number such as +15550100100", text -> E164.matcher(text).matches() ? text : null);
    }

    /// A time zone by its name.
    public Optional<ZoneId> zone(String key) {
        return read(key, "a time zone such as America/New_York", text -> {
            try {
                return ZoneId.of(text);
            } catch (DateTimeException _) {
                return null;
            }
        });
    }

    /// One of the named choices.
    public String choice(String key, String otherwise, List<String> choices) {
        return read(key, "one of " + String.join(", ", choices), text -> choices.contains(text) ? text : null)
                .orElse(otherwise);
    }

    /// The name in `secret://name`. A secret itself never stands in a configuration file, so the value is not
    /// shown.
    public Optional<String> secretReference(String key) {
        known.add(key);
        @Nullable String text = values.get(key);
        if (text == null) {
            return Optional.empty();
        }
        if (!text.matches("secret://[a-z0-9][a-z0-9-]{0,63}")) {
            problems.add("%s ([REDACTED]) must refer to a secret, such as secret://twilio-token".formatted(key));
            return Optional.empty();
        }
        return Optional.of(text.substring("secret://".length()));
    }

    /// The words that stand between `prefix` and the next dot, of keys such as `webhook.NAME.url`, in order.
    public List<String> names(String prefix) {
        return values.keySet().stream()
                .filter(key -> key.startsWith(prefix) && key.indexOf('.', prefix.length()) > prefix.length())
                .map(key -> key.substring(prefix.length(), key.indexOf('.', prefix.length())))
                .distinct()
                .sorted()
                .toList();
    }

    /// Adds a problem that spans several keys.
    public void problem(String message) {
        problems.add(message);
    }

    /// Ends the reading.
    ///
    /// @throws RejectedException if anything was wrong, with every problem in its message
    public void finish() {
        for (String key : values.keySet()) {
            if (known.contains(key)) {
                continue;
            }
            @Nullable String successor = removed.get(key);
            problems.add(
                    successor == null
                            ? "%s is not a known key%s".formatted(key, nearest(key))
                            : "%s was removed: use %s".formatted(key, successor));
        }
        if (!problems.isEmpty()) {
            throw new RejectedException(
                    ServerError.CONFIG_INVALID,
                    "%s has %d problem%s:\n  %s\nhint: docs/reference/config.md lists every key"
                            .formatted(
                                    source,
                                    problems.size(),
                                    problems.size() == 1 ? "" : "s",
                                    String.join("\n  ", problems)));
        }
    }

    /// Every key that was asked for so far.
    public Set<String> keys() {
        return Set.copyOf(known);
    }

    private Optional<String> value(String key) {
        known.add(key);
        return Optional.ofNullable(values.get(key));
    }

    private <T> Optional<T> read(String key, String rule, Parser<T> parser) {
        Optional<String> text = value(key);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        @Nullable T parsed;
        try {
            parsed = parser.parse(text.get());
        } catch (NumberFormatException | URISyntaxException | InvalidPathException malformed) {
            parsed = null;
        }
        if (parsed == null) {
            problems.add("%s (%s) must be %s".formatted(key, shown(text.get()), rule));
        }
        return Optional.ofNullable(parsed);
    }

    private static String shown(String text) {
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
    }

    private String nearest(String key) {
        String last = key.substring(key.lastIndexOf('.') + 1);
        return known.stream()
                .filter(candidate -> candidate.endsWith("." + last)
                        || candidate
                                .replace("-", "")
                                .equals(key.replace("-", "").replace("_", "")))
                .findFirst()
                .map(" (did you mean %s?)"::formatted)
                .orElse("");
    }

    private static @Nullable Duration parseDuration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        long amount = Long.parseLong(matcher.group(1));
        Function<Long, Duration> unit = switch (matcher.group(2)) {
            case "ms" -> Duration::ofMillis;
            case "s" -> Duration::ofSeconds;
            case "m" -> Duration::ofMinutes;
            case "h" -> Duration::ofHours;
            default -> Duration::ofDays;
        };
        return unit.apply(amount);
    }

    static String words(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = duration.toSeconds();
        if (seconds % 60 != 0 || seconds == 0) {
            return seconds + "s";
        }
        if (seconds % 3600 != 0) {
            return seconds / 60 + "m";
        }
        return seconds % 86_400 != 0 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
    }

    private interface Parser<T> {
        @Nullable
        T parse(String text) throws URISyntaxException;
    }
}
