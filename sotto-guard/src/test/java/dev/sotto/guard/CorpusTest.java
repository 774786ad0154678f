package dev.sotto.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.guard.Corpus.Label;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What detection finds in utterances of our own, by type. Printed with `-Dsotto.corpus.print=true`.
class CorpusTest {
    private static final Detection DETECTION = Detection.standard();
    private static final Corpus CORPUS = Corpus.read();

    private static final class Tally {
        int expected;
        int found;
        int right;
        int exact;

        double recall() {
            return expected == 0 ? 1 : (double) right / expected;
        }

        double precision() {
            return found == 0 ? 1 : (double) right / found;
        }
    }

    @Test
    void corpus_isLargeEnough() {
        assertThat(CORPUS.utterances()).hasSizeGreaterThanOrEqualTo(150);
    }

    @Test
    void detection_overTheCorpus_missesAlmostNothingAndInventsLittle() {
        Map<EntityType, Tally> tallies = new EnumMap<>(EntityType.class);
        for (EntityType type : EntityType.values()) {
            tallies.put(type, new Tally());
        }
        var misses = new ArrayList<String>();
        for (Corpus.Utterance utterance : CORPUS.utterances()) {
            List<Label> found = found(utterance);
            for (Label label : utterance.expected()) {
                Tally tally = tallies.get(label.type());
                tally.expected++;
                if (found.contains(label)) {
                    tally.exact++;
                }
                if (found.stream().anyMatch(label::covers)) {
                    tally.right++;
                } else {
                    misses.add("missed " + label.type() + " line " + utterance.line());
                }
            }
            for (Label label : found) {
                tallies.get(label.type()).found++;
                if (utterance.expected().stream().noneMatch(label::covers)) {
                    misses.add("invented " + label.type() + " line " + utterance.line());
                } else if (!utterance.expected().contains(label)) {
                    misses.add("inexact " + label.type() + " line " + utterance.line() + " " + label.span());
                }
            }
        }
        String report = report(tallies, misses);
        if (Boolean.getBoolean("sotto.corpus.print")) {
            System.out.println(report);
        }

        var all = new Tally();
        tallies.values().forEach(tally -> {
            all.expected += tally.expected;
            all.found += tally.found;
            all.right += tally.right;
            all.exact += tally.exact;
        });
        assertThat(all.recall()).as(report).isGreaterThanOrEqualTo(0.95);
        assertThat(all.precision()).as(report).isGreaterThanOrEqualTo(0.9);
        assertThat((double) all.exact / all.expected).as(report).isGreaterThanOrEqualTo(0.9);
        tallies.forEach((type, tally) -> {
            assertThat(tally.expected).as("%s in the corpus", type).isGreaterThanOrEqualTo(6);
            assertThat(tally.recall()).as("recall of %s%n%s", type, report).isGreaterThanOrEqualTo(0.85);
        });
    }

    private static List<Label> found(Corpus.Utterance utterance) {
        var deadline = Deadline.in(Duration.ofSeconds(10), System::nanoTime);
        var findings = DETECTION.find(SensitiveText.of(utterance.text()), utterance.asked(), deadline);
        return Clusters.of(findings).stream()
                .map(cluster -> new Label(cluster.type(), cluster.span()))
                .toList();
    }

    private static String report(Map<EntityType, Tally> tallies, List<String> misses) {
        var report =
                new StringBuilder("%n%-12s %8s %8s %8s %8s%n".formatted("type", "labels", "recall", "precis", "exact"));
        tallies.forEach((type, tally) -> report.append("%-12s %8d %8.3f %8.3f %8.3f%n"
                .formatted(
                        type,
                        tally.expected,
                        tally.recall(),
                        tally.precision(),
                        tally.expected == 0 ? 1 : (double) tally.exact / tally.expected)));
        misses.forEach(miss -> report.append(miss).append(System.lineSeparator()));
        return report.toString();
    }
}
