package dev.sotto.guard;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The utterances of `corpus.txt` with what is to be found in them.
record Corpus(List<Utterance> utterances) {
    private static final Pattern MARKUP = Pattern.compile("\\[([A-Z_]+):([^\\]]*)]");
    private static final Pattern EXPECTED = Pattern.compile("^\\{([A-Z_]+)} ");

    /// One utterance; `expected` are the labels as `TYPE start-end`.
    record Utterance(int line, String text, Expectation asked, Set<Label> expected) {}

    record Label(EntityType type, Span span) implements Comparable<Label> {
        @Override
        public int compareTo(Label other) {
            return Integer.compare(span.start(), other.span.start());
        }

        boolean covers(Label other) {
            return type == other.type && span.overlaps(other.span);
        }
    }

    static Corpus read() {
        var source = Objects.requireNonNull(Corpus.class.getResourceAsStream("corpus.txt"), "corpus.txt");
        try (var lines = new BufferedReader(new InputStreamReader(source, UTF_8))) {
            var utterances = new ArrayList<Utterance>();
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (!line.isBlank() && !line.startsWith("#")) {
                    utterances.add(parse(number, line));
                }
            }
            return new Corpus(List.copyOf(utterances));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Utterance parse(int number, String line) {
        Matcher expectation = EXPECTED.matcher(line);
        boolean asked = expectation.find();
        String marked = asked ? line.substring(expectation.end()) : line;
        var text = new StringBuilder();
        var labels = new TreeSet<Label>();
        Matcher markup = MARKUP.matcher(marked);
        int at = 0;
        while (markup.find()) {
            text.append(marked, at, markup.start());
            int start = text.length();
            text.append(markup.group(2));
            labels.add(new Label(EntityType.valueOf(markup.group(1)), new Span(start, text.length())));
            at = markup.end();
        }
        text.append(marked, at, marked.length());
        return new Utterance(
                number,
                text.toString(),
                asked ? Expectation.valueOf(expectation.group(1)) : Expectation.NOTHING,
                labels);
    }
}
