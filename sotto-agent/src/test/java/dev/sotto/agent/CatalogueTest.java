package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.BugException;
import dev.sotto.testkit.FakeAuditSink;
import dev.sotto.testkit.FakeMeter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What models are told may change under the node's feet.
class CatalogueTest {
    private static final ActorId NODE = new ActorId(ActorId.Kind.NODE, "n1");

    @TempDir
    private Path folder;

    private final FakeAuditSink audit = new FakeAuditSink();
    private final FakeMeter meter = new FakeMeter();
    private Path file;
    private String good;

    @BeforeEach
    void write() throws IOException {
        good = Vertical.shippedText("healthcare");
        file = Files.writeString(folder.resolve("catalogue.json"), good);
    }

    private Catalogue open() {
        return Catalogue.file(file, audit, NODE, meter);
    }

    @Test
    void catalogue_thatIsDamaged_isNotUsedUntilItIsRepaired_andTheLogSaysSoOnce() throws IOException {
        try (var catalogue = open()) {
            catalogue.check();
            Files.writeString(file, good.replace("\"take_message\"", "\"take_money\""));
            catalogue.check();
            catalogue.check();
            assertThat(catalogue.usable()).isEmpty();
            assertThat(meter.gauged("agent.catalogue.usable")).isZero();
            Files.writeString(file, good);
            catalogue.check();
            catalogue.check();

            assertThat(catalogue.isUsable()).isTrue();
            assertThat(audit.types()).containsExactly("catalogue.accepted", "catalogue.refused", "catalogue.accepted");
            assertThat(audit.events("catalogue.refused").stream().map(AuditEvent::details))
                    .singleElement()
                    .satisfies(details -> assertThat(details.get("problem"))
                            .contains("take_money is not known", "take_message is missing"));
            assertThat(meter.counted("agent.catalogue.checked")).isEqualTo(5);
        }
    }

    @Test
    void catalogue_thatIsGoneOrNoJson_isRefused() throws IOException {
        try (var catalogue = open()) {
            Files.writeString(file, good.substring(0, good.length() / 2));
            catalogue.check();
            assertThat(catalogue.isUsable()).isFalse();
            Files.delete(file);
            catalogue.check();
            assertThat(catalogue.isUsable()).isFalse();
            assertThat(audit.events("catalogue.refused")).hasSize(2);
        }
    }

    @Test
    void changeForTheBetter_countsOnlyOnceItIsRecorded() throws IOException {
        try (var catalogue = open()) {
            audit.goDown();
            Files.writeString(file, "{}");
            catalogue.check();
            assertThat(catalogue.isUsable()).as("for the worse at once").isFalse();
            Files.writeString(file, good);
            catalogue.check();
            assertThat(catalogue.isUsable()).isFalse();
            audit.comeBack();
            catalogue.check();
            assertThat(catalogue.isUsable()).isTrue();
        }
    }

    @Test
    void watch_seesAChangeByItself() throws Exception {
        try (var catalogue = open()) {
            catalogue.watch(Duration.ofMillis(5));
            Files.writeString(file, "{}");
            long until = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (catalogue.isUsable() && System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            assertThat(catalogue.isUsable()).isFalse();
        }
    }

    @Test
    void catalogue_thatDoesNotFitAtTheStart_isAnError() throws IOException {
        Files.writeString(file, good.replace("\"birth_date\"", "\"birthday\""));

        assertThatExceptionOfType(BugException.class)
                .isThrownBy(this::open)
                .withMessageContaining("verify_identity does not take [birthday")
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(AgentError.VERTICAL_UNUSABLE));
        assertThat(audit.types()).isEmpty();
    }

    @Test
    void everyToolOfTheProgram_takesItsOwnSamples() {
        assertThat(ToolContract.problems(Vertical.shipped("healthcare").tools()))
                .isEmpty();
    }
}
