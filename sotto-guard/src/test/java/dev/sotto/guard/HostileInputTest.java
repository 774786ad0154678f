package dev.sotto.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.LimitedException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Texts made to be slow. Work is counted in looks at the clock, which detectors take as they
/// go, and in processor time, which other work on the machine does not change.
class HostileInputTest {
    private static final Detection DETECTION = Detection.standard();
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "1",
                "1 ",
                "1-",
                "@",
                "a@",
                "a.a@a.",
                "a at b dot ",
                "dot dot at ",
                "one ",
                "double ",
                "two hundred and ",
                "oh ",
                "my name is ",
                "patient ",
                "jane doe ",
                "march ",
                "march 1 ",
                "1/1/1",
                "1/1/2001 ",
                "19 84 ",
                "card cvv ssn dob phone ",
                "mrn 1a ",
                "mrn a b c 1 2 ",
                "account 4-",
                "a-b-",
                "x y z ",
                "<PHONE_1>",
                "<PHONE_",
                "<",
                "4242 4242 4242 4242 ",
                "born 03141984 ",
                "\u200B",
                "e\u0301",
                "\uD83D\uDE00",
                "'"
            })
    void detection_overAFullTextOfIt_takesLinearTime(String unit) {
        long small = steps(unit, 1_024);
        long before = THREADS.getCurrentThreadCpuTime();
        long large = steps(unit, Detection.MAX_CHARACTERS);
        long nanos = THREADS.getCurrentThreadCpuTime() - before;

        assertThat(large).isLessThanOrEqualTo(80 * (small + 20));
        assertThat(Duration.ofNanos(nanos)).isLessThan(Duration.ofSeconds(2));
    }

    /// How often the clock was asked; each 512 tokens, each finding and each detector ask once.
    private static long steps(String unit, int characters) {
        var steps = new AtomicLong();
        LongSupplier nanos = () -> {
            steps.incrementAndGet();
            return 0;
        };
        String text = unit.repeat(characters / unit.length() + 1).substring(0, characters);
        DETECTION.find(SensitiveText.of(text), Expectation.SSN, Deadline.in(Duration.ofSeconds(1), nanos));
        return steps.get();
    }

    @Test
    void detection_whenTheTimeIsOver_fails() {
        var nanos = new AtomicLong();
        var deadline = Deadline.in(Duration.ofMillis(1), () -> nanos.addAndGet(1_000_000));

        assertThatExceptionOfType(LimitedException.class)
                .isThrownBy(() -> DETECTION.find(SensitiveText.of("hello"), Expectation.NOTHING, deadline));
    }

    @Test
    void detection_whenTheTimeEndsInTheMiddleOfALongText_stopsThere() {
        var looks = new AtomicLong();
        var deadline = Deadline.in(Duration.ofNanos(10), looks::incrementAndGet);

        assertThatExceptionOfType(LimitedException.class)
                .isThrownBy(() ->
                        DETECTION.find(SensitiveText.of("one two ".repeat(8_000)), Expectation.NOTHING, deadline));
        assertThat(looks.get()).isLessThan(20);
    }

    @Test
    void detection_ofATextThatIsTooLong_isRefusedWithoutItsText() {
        var text = SensitiveText.of("jane ".repeat(20_000));

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() ->
                        DETECTION.find(text, Expectation.NOTHING, Deadline.in(Duration.ofSeconds(1), System::nanoTime)))
                .withMessageNotContaining("jane");
    }

    @Test
    void lettersInsideAnId_areNoCue_whateverTheySpell() {
        assertThat(found("call 01M8G338CPF12VYT6MRN9YY5Q9 ended")).isEmpty();
        for (String cue : List.of("my mrn4471882", "room 12mrn4471882", "(12mrn4471882)")) {
            assertThat(found(cue)).as(cue).extracting(Finding::type).containsExactly(EntityType.MRN);
        }
        assertThat(found("my mrn4471882"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.type()).isEqualTo(EntityType.MRN));
    }

    private static List<Finding> found(String text) {
        return DETECTION.find(
                SensitiveText.of(text), Expectation.NOTHING, Deadline.in(Duration.ofSeconds(5), System::nanoTime));
    }
}
