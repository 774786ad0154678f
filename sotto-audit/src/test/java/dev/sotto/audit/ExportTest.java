package dev.sotto.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.audit.Verification.Broken;
import dev.sotto.audit.Verification.Fault;
import dev.sotto.audit.Verification.Intact;
import dev.sotto.core.RejectedException;
import dev.sotto.testkit.Samples;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A log that left the house: intact, or damaged in each way and named.
final class ExportTest {
    /// Line 1 is the heading, line 2 the checkpoint of the empty log, then ten entries and a checkpoint, and so
    /// on.
    private static final int FIRST_ENTRY_LINE = 3;

    @TempDir
    private static Path directory;

    private static LogFixture fixture;
    private static byte[] export;

    @BeforeAll
    static void fill() {
        fixture = LogFixture.in(directory).filled(25);
        export = fixture.export();
    }

    @AfterAll
    static void close() {
        fixture.close();
    }

    @Test
    void untouched_isIntact_fromStreamAndFile() throws Exception {
        assertThat(LogFixture.verify(export))
                .isInstanceOfSatisfying(
                        Intact.class, intact -> assertThat(intact.size()).isEqualTo(25));
        Path file = Files.write(directory.resolve("log.export"), export);
        Optional<String> since =
                Optional.of(Files.readString(fixture.checkpoints.resolve("00000000000000000010.checkpoint")));
        assertThat(new AuditVerifier()
                        .verify(
                                AuditSource.fromExport(file).withCheckpoints(fixture.checkpoints),
                                LogFixture.KEYS.publicKeys(),
                                since))
                .isInstanceOf(Intact.class);
    }

    @Test
    void export_ofRunningLog_recordsItself() {
        try (LogFixture other = LogFixture.in(directory.resolve("running"));
                AuditLog log = other.open()) {
            log.append(LogFixture.event(0));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            log.export(out, LogFixture.NODE);

            assertThat(LogFixture.verify(out.toByteArray()))
                    .isInstanceOfSatisfying(
                            Intact.class, intact -> assertThat(intact.size()).isEqualTo(2));
            assertThat(log.entries(AuditQuery.first(9).type("audit.exported"))).hasSize(1);
        }
    }

    @Test
    void bodyEdited_isNamed() {
        assertNamed(
                12,
                entry -> new ExportFormat.Entry(
                        entry.header(), damaged(entry.body()), entry.bodyHash(), entry.leafHash()),
                Fault.BODY_ALTERED);
    }

    @Test
    void headerEdited_isNamed() {
        assertNamed(
                12,
                entry -> new ExportFormat.Entry(
                        damaged(entry.header()), entry.body(), entry.bodyHash(), entry.leafHash()),
                Fault.HEADER_ALTERED);
    }

    @Test
    void hashesEdited_areNamed() {
        MerkleHash other = MerkleTree.empty();
        assertNamed(
                12,
                entry -> new ExportFormat.Entry(entry.header(), entry.body(), other, entry.leafHash()),
                Fault.HASH_ALTERED);
        assertNamed(
                12,
                entry -> new ExportFormat.Entry(entry.header(), entry.body(), entry.bodyHash(), other),
                Fault.HASH_ALTERED);
    }

    @Test
    void bodyDropped_isNamed() {
        List<String> lines = lines();
        ExportFormat.Entry entry = entry(lines, 12);
        lines.set(lineOf(12), text(new ExportFormat.Entry(entry.header(), null, entry.bodyHash(), entry.leafHash())));
        TamperedLogTest.assertBroken(verify(lines), 12, Fault.BODY_MISSING, "entry 12");
    }

    @Test
    void entryDeletedSwappedOrRepeated_isNamed() {
        List<String> deleted = lines();
        deleted.remove(lineOf(12));
        TamperedLogTest.assertBroken(verify(deleted), 12, Fault.MISSING, "entry 12");

        List<String> swapped = lines();
        Collections.swap(swapped, lineOf(12), lineOf(22));
        TamperedLogTest.assertBroken(verify(swapped), 12, Fault.REORDERED, "entry 12 (line 16)");

        List<String> repeated = lines();
        repeated.add(lineOf(12), repeated.get(lineOf(11)));
        TamperedLogTest.assertBroken(verify(repeated), 12, Fault.REORDERED, "entry 12 (line 16)");
    }

    @Test
    void lastCheckpointDropped_isUnsigned_andCutBeforeItIsTruncated() {
        List<String> lines = lines();
        lines.remove(lines.size() - 2);
        TamperedLogTest.assertBroken(verify(lines), 20, Fault.UNSIGNED, "log");

        List<String> cut = lines();
        cut.remove(lineOf(24));
        TamperedLogTest.assertBroken(verify(cut), 24, Fault.TRUNCATED, "checkpoint (line 29)");
    }

    @Test
    void cutAnywhere_isNeverIntact() {
        Samples.forAll(60, random -> random.nextInt(export.length), length -> {
            byte[] cut = Arrays.copyOf(export, length);
            if (length <= new String(export, UTF_8).indexOf('\n')) {
                assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> LogFixture.verify(cut));
            } else {
                assertThat(LogFixture.verify(cut)).isInstanceOf(Broken.class);
            }
        });
        assertThat(LogFixture.verify(Arrays.copyOf(export, export.length - 1))).isInstanceOf(Broken.class);
    }

    @Test
    void anyBitFlipped_isNamedByItsLine() {
        int heading = new String(export, UTF_8).indexOf('\n') + 1;
        Samples.forAll(150, random -> heading * 8 + random.nextInt((export.length - heading) * 8), bit -> {
            byte[] flipped = export.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            Verification found = LogFixture.verify(flipped);

            assertThat(found).isInstanceOf(Broken.class);
            int line = 1;
            for (int i = 0; i < bit / 8; i++) {
                line += export[i] == '\n' ? 1 : 0;
            }
            assertThat(((Broken) found).where()).as(((Broken) found).message()).contains("line " + line);
        });
    }

    @Test
    void headingFlipped_isNeverIntactForAnotherOrigin() {
        String text = new String(export, UTF_8);
        String other = text.replaceFirst("node-1\"", "node-2\"");
        assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> LogFixture.verify(other.getBytes(UTF_8)));
        assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> LogFixture.verify("{}\n".getBytes(UTF_8)));
        assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> LogFixture.verify(new byte[0]));
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> LogFixture.verify(new byte[ExportFormat.LARGEST_LINE_BYTES + 2]));
    }

    private interface Damage {
        ExportFormat.Entry of(ExportFormat.Entry entry);
    }

    private static void assertNamed(int sequence, Damage damage, Fault fault) {
        List<String> lines = lines();
        lines.set(lineOf(sequence), text(damage.of(entry(lines, sequence))));
        TamperedLogTest.assertBroken(
                verify(lines), sequence, fault, "entry %d (line %d)".formatted(sequence, lineOf(sequence) + 1));
    }

    /// The index of the line of an entry: ten entries, then a checkpoint.
    private static int lineOf(int sequence) {
        return FIRST_ENTRY_LINE - 1 + sequence + sequence / 10;
    }

    private static ExportFormat.Entry entry(List<String> lines, int sequence) {
        return (ExportFormat.Entry)
                ExportFormat.read(lines.get(lineOf(sequence)).getBytes(UTF_8));
    }

    private static List<String> lines() {
        return new ArrayList<>(new String(export, UTF_8).lines().toList());
    }

    private static String text(ExportFormat.Line line) {
        return new String(ExportFormat.write(line), UTF_8).strip();
    }

    private static Verification verify(List<String> lines) {
        return LogFixture.verify((String.join("\n", lines) + "\n").getBytes(UTF_8));
    }

    private static Bytes damaged(Bytes bytes) {
        byte[] copy = bytes.array().clone();
        copy[20] ^= 1;
        return Bytes.owning(copy);
    }
}
