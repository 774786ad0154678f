package dev.sotto.guard;

import static dev.sotto.guard.GuardRig.CALL;
import static dev.sotto.guard.GuardRig.CLINIC;
import static dev.sotto.guard.GuardRig.act;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.SensitiveText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// The whole corpus through every way a decision can end; then everything that stays or leaves is searched for what was
/// planted in it.
class CanaryTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.sotto.guard");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private Level before;

    @BeforeEach
    void listen() {
        before = logger.getLevel();
        logger.setLevel(Level.TRACE);
        logger.setAdditive(false);
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(lines);
        logger.setAdditive(true);
        logger.setLevel(before);
    }

    /// A detector that fails with the text in its message.
    private static final class Loud implements Detector {
        @Override
        public String name() {
            return "loud";
        }

        @Override
        public List<Finding> detect(Utterance utterance, Deadline deadline) {
            throw new IllegalArgumentException(utterance.text().reveal());
        }
    }

    /// What must not be seen: what the corpus marks, as far as it is long enough to be told from a code or a count.
    private static List<String> planted() {
        var planted = new ArrayList<String>();
        for (Corpus.Utterance utterance : Corpus.read().utterances()) {
            for (Corpus.Label label : utterance.expected()) {
                String value = utterance
                        .text()
                        .substring(label.span().start(), label.span().end());
                if (value.length() >= 6) {
                    planted.add(value);
                }
            }
        }
        return planted;
    }

    private static void everyEnd(GuardRig rig) {
        rig.guard.openCall(CLINIC, CALL);
        for (Corpus.Utterance utterance : Corpus.read().utterances()) {
            for (String destination : List.of("simulator", "nobody", utterance.text())) {
                rig.guard.decide(
                        act(CLINIC, Optional.of(CALL), destination, "language-model", utterance.text(), "hello"));
            }
        }
    }

    @Test
    void nothingThatWasPlanted_isInAuditEntriesAlertsOrLogs() {
        var rig = new GuardRig();
        var denying = new GuardRig();
        denying.rules.set(GuardRig.rulesWith("entities: {DATE: keep}"));
        var failing = new GuardRig(parts -> parts.with(Detection.standard().with(new Loud())));
        for (GuardRig each : List.of(rig, denying, failing)) {
            everyEnd(each);
        }

        var seen = new StringBuilder();
        for (GuardRig each : List.of(rig, denying, failing)) {
            each.audit.events().forEach(seen::append);
            each.denials.forEach(seen::append);
        }
        for (ILoggingEvent line : lines.list) {
            seen.append(line.getFormattedMessage())
                    .append(line.getKeyValuePairs())
                    .append(line.getThrowableProxy());
        }
        assertThat(lines.list).isNotEmpty();
        assertThat(failing.meter.counted("guard.allowed")).isZero();
        assertThat(rig.meter.counted("guard.allowed")).isPositive();
        assertThat(denying.meter.counted("guard.denied")).isPositive();
        String all = seen.toString();
        assertThat(planted()).hasSizeGreaterThan(150).filteredOn(all::contains).isEmpty();
    }

    @Test
    void nothingThatWasPlanted_isInWhatIsSentToAModel_butDates() {
        var rig = new GuardRig();
        for (Corpus.Utterance utterance : Corpus.read().utterances()) {
            var call = new dev.sotto.core.CallId(new java.util.UUID(9, utterance.line()));
            try (var open = rig.guard.openCall(CLINIC, call)) {
                open.expect(utterance.asked());
                var verdict = rig.guard.decide(
                        act(CLINIC, Optional.of(call), "simulator", "language-model", utterance.text()));
                String sent = ((Verdict.Allowed) verdict)
                        .pieces().stream().map(SensitiveText::reveal).reduce("", String::concat);
                for (Corpus.Label label : utterance.expected()) {
                    if (label.type() != EntityType.DATE) {
                        assertThat(sent)
                                .as("line %d", utterance.line())
                                .doesNotContain(utterance
                                        .text()
                                        .substring(
                                                label.span().start(),
                                                label.span().end()));
                    }
                }
            }
        }
    }
}
