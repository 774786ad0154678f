package dev.sotto.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sotto.audit.Verification.Broken;
import dev.sotto.audit.Verification.Fault;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.RejectedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What somebody with every right on the database may try, each named by the verifier.
final class TamperedLogTest {
    @TempDir
    private Path directory;

    private LogFixture fixture;

    @BeforeEach
    void create() {
        fixture = LogFixture.in(directory).filled(35);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void untouched_isIntact() {
        assertThat(fixture.verify()).isInstanceOfSatisfying(Verification.Intact.class, intact -> {
            assertThat(intact.size()).isEqualTo(35);
            assertThat(intact.unsigned()).isZero();
            assertThat(intact.erased()).isZero();
            assertThat(intact.checkpoint().checkpoint().origin()).isEqualTo(LogFixture.ORIGIN);
        });
    }

    @Test
    void bodyEdited_isNamedByTheCheckOfThatEntryAlone() {
        fixture.database.tamper("update audit.entry set body = convert_to(replace(convert_from(body, 'UTF8'),"
                + " 'call-12', 'call-13'), 'UTF8') where sequence = 12");
        try (AuditLog log = fixture.open()) {
            Checkpoint head = log.latestCheckpoint().orElseThrow().checkpoint();
            assertThat(log.bytes(AuditQuery.first(35))).hasSize(35).allSatisfy(bytes -> {
                EntryCheck check =
                        EntryCheck.of(bytes, Optional.of(log.prove(bytes.sequence(), head.size())), Optional.of(head));
                if (bytes.sequence() == 12) {
                    assertThat(check).isEqualTo(new EntryCheck.Broken(12, EntryCheck.Fault.BODY_ALTERED));
                } else {
                    assertThat(check).isInstanceOf(EntryCheck.Proven.class);
                }
            });
        }
    }

    @Test
    void bodyEdited_isNamed() {
        fixture.database.tamper("update audit.entry set body = convert_to(replace(convert_from(body, 'UTF8'),"
                + " 'call-12', 'call-13'), 'UTF8') where sequence = 12");
        assertBroken(12, Fault.BODY_ALTERED, "entry 12");
    }

    @Test
    void bodyEditedWithItsHash_isNamed() {
        fixture.database.tamper(
                "update audit.entry set body = body || ' '::bytea, body_hash = sha256(body || ' '::bytea)"
                        + " where sequence = 12");
        assertBroken(12, Fault.HEADER_ALTERED, "entry 12");
    }

    @Test
    void bodyAndAllItsHashesEdited_isNamedWithinTwoCheckpoints() {
        fixture.database.tamper(
                "update audit.entry set body = body || ' '::bytea, body_hash = sha256(body || ' '::bytea),"
                        + " leaf_hash = sha256('\\x00'::bytea || header || sha256(body || ' '::bytea)) where sequence = 12");
        assertBroken(10, Fault.ROOT, "checkpoint 00000000000000000020.checkpoint");
    }

    @Test
    void headerEdited_isNamed() {
        fixture.database.tamper("update audit.entry set header = set_byte(header, 16, 1) where sequence = 12");
        assertBroken(12, Fault.HEADER_ALTERED, "entry 12");
    }

    @Test
    void leafHashEdited_isNamed() {
        fixture.database.tamper("update audit.entry set leaf_hash = set_byte(leaf_hash, 3, 1) where sequence = 12");
        assertBroken(12, Fault.HASH_ALTERED, "entry 12");
    }

    @Test
    void bodyHashEdited_isNamed() {
        fixture.database.tamper("update audit.entry set body_hash = set_byte(body_hash, 3, 1) where sequence = 12");
        assertBroken(12, Fault.HASH_ALTERED, "entry 12");
    }

    @Test
    void columnsEdited_areNamed() {
        int number = 0;
        for (String change : List.of(
                "type = 'call.ended'",
                "actor = 'node:other'",
                "resource = 'call/other'",
                "resource = null",
                "at = at + interval '1 ms'",
                "tenant = gen_random_uuid()",
                "tenant_sequence = 900")) {
            LogFixture other = LogFixture.in(directory.resolve("c" + number++)).filled(15);
            other.database.tamper("update audit.entry set " + change + " where sequence = 12");
            assertBroken(other.verify(), 12, Fault.COLUMN_ALTERED, "entry 12");
            other.close();
        }
    }

    @Test
    void entryDeleted_isNamed() {
        fixture.database.tamper("delete from audit.entry where sequence = 12");
        assertBroken(12, Fault.MISSING, "entry 12");
    }

    @Test
    void entryDeletedAndRestRenumbered_isNamed() {
        fixture.database.tamper("delete from audit.entry where sequence = 12");
        fixture.database.tamper("update audit.entry set sequence = sequence + 1000 where sequence > 12");
        fixture.database.tamper("update audit.entry set sequence = sequence - 1001 where sequence > 1000");
        fixture.database.tamper("update audit.log set size = 34");
        assertBroken(12, Fault.MISSING, "entry 12");
    }

    @Test
    void entriesSwapped_areNamed() {
        fixture.database.tamper("update audit.entry set sequence = 1012 where sequence = 12");
        fixture.database.tamper("update audit.entry set sequence = 12 where sequence = 25");
        fixture.database.tamper("update audit.entry set sequence = 25 where sequence = 1012");
        assertBroken(12, Fault.REORDERED, "entry 12");
    }

    @Test
    void bodyRemoved_isNamed_unlessAnEntrySaysSo() {
        fixture.database.tamper("update audit.entry set body = null, resource = null where sequence = 12");
        assertBroken(12, Fault.BODY_MISSING, "entry 12");

        try (AuditLog log = fixture.open()) {
            log.append(AuditEvent.of("audit.erase", LogFixture.NODE)
                    .resource("entry", 12)
                    .build());
        }
        assertThat(fixture.verify())
                .isInstanceOfSatisfying(
                        Verification.Intact.class,
                        intact -> assertThat(intact.erased()).isEqualTo(1));
    }

    @Test
    void tailDeletedWithHead_isTruncatedBelowItsCheckpoint() {
        fixture.database.tamper("delete from audit.entry where sequence >= 30");
        fixture.database.tamper("update audit.log set size = 30");
        assertBroken(30, Fault.TRUNCATED, "checkpoint of size 35");
    }

    @Test
    void tailDeletedWithHeadAndCheckpoints_isTruncatedBelowTheOneOutside() {
        truncate(fixture, 30);

        assertBroken(30, Fault.TRUNCATED, "checkpoint 00000000000000000035.checkpoint");
        assertThat(new AuditVerifier().verify(fixture.source(), LogFixture.KEYS.publicKeys(), Optional.empty()))
                .as("nothing inside the database shows it")
                .isInstanceOf(Verification.Intact.class);
    }

    @Test
    void everythingDeleted_isNamedByTheCheckpointOutside() {
        fixture.database.tamper("delete from audit.entry");
        fixture.database.tamper("delete from audit.checkpoint");
        fixture.database.tamper("delete from audit.log");
        assertBroken(0, Fault.TRUNCATED, "log");
    }

    @Test
    void headEdited_isNamed() {
        fixture.database.tamper("update audit.log set root = set_byte(root, 0, 1)");
        assertBroken(35, Fault.HEAD, "head");
        fixture.database.tamper("update audit.log set size = 34");
        assertBroken(34, Fault.HEAD, "head");
        fixture.database.tamper("update audit.log set size = 36");
        assertBroken(35, Fault.TRUNCATED, "head");
    }

    @Test
    void checkpointSignatureEdited_isNamedByItsKind() {
        String note;
        try (AuditLog log = fixture.open()) {
            note = log.latestCheckpoint().orElseThrow().note();
        }
        for (int line : new int[] {0, 1}) {
            SignedNote parsed = SignedNote.parse(note);
            List<SignedNote.Line> lines = new java.util.ArrayList<>(parsed.lines());
            SignedNote.Line signature = lines.get(line);
            char[] text = signature.signature().toCharArray();
            text[40] = text[40] == 'A' ? 'B' : 'A';
            lines.set(line, new SignedNote.Line(signature.name(), new String(text)));
            store(new SignedNote(parsed.text(), lines).format());
            assertThat(assertBroken(35, Fault.CHECKPOINT_SIGNATURE, "checkpoint of size 35")
                            .message())
                    .contains(line == 0 ? "its Ed25519 signature is wrong" : "its ML-DSA-44 signature is wrong");
            store(new SignedNote(parsed.text(), List.of(parsed.lines().get(1 - line))).format());
            assertThat(assertBroken(35, Fault.CHECKPOINT_SIGNATURE, "checkpoint of size 35")
                            .message())
                    .contains(line == 0 ? "it has no Ed25519 signature" : "it has no ML-DSA-44 signature");
        }
        store(note);
        assertThat(fixture.verify()).isInstanceOf(Verification.Intact.class);
        store(note.replace("tenants ", "tenant5 "));
        assertBroken(35, Fault.CHECKPOINT_MALFORMED, "checkpoint of size 35");
    }

    /// Keeps only one checkpoint in the database.
    private void store(String note) {
        fixture.database.tamper("delete from audit.checkpoint");
        fixture.database.tamper(
                "insert into audit.checkpoint (log_id, size, note) values ('node-1', 35, ?)", note.getBytes(UTF_8));
    }

    @Test
    void checkpointOfUnknownKeyAdded_isNotBelieved_andUnknownSignatureIsIgnored() {
        CheckpointKeys strangers = CheckpointKeys.generate(LogFixture.ORIGIN);
        SignedCheckpoint real;
        try (AuditLog log = fixture.open()) {
            real = log.latestCheckpoint().orElseThrow();
        }
        SignedCheckpoint forged = strangers.signer().sign(real.checkpoint(), LogFixture.NOW);
        List<SignedNote.Line> both =
                new java.util.ArrayList<>(SignedNote.parse(real.note()).lines());
        both.addAll(SignedNote.parse(forged.note()).lines());
        store(SignedCheckpoint.signed(real.checkpoint(), both).note());
        assertThat(fixture.verify()).isInstanceOf(Verification.Intact.class);

        store(forged.note());
        assertThat(assertBroken(35, Fault.CHECKPOINT_SIGNATURE, "checkpoint of size 35")
                        .message())
                .contains("it has no Ed25519 signature of a trusted key");
    }

    @Test
    void allCheckpointsDeleted_isUnsigned() throws IOException {
        fixture.database.tamper("delete from audit.checkpoint");
        Files.move(fixture.checkpoints, directory.resolve("elsewhere"), StandardCopyOption.ATOMIC_MOVE);
        assertBroken(0, Fault.UNSIGNED, "log");
    }

    @Test
    void outsideCheckpointEdited_isNamed() throws IOException {
        Path latest = fixture.checkpoints.resolve("latest.checkpoint");
        Files.writeString(latest, Files.readString(latest).replace("\n35\n", "\n34\n"));
        assertBroken(0, Fault.CHECKPOINT_SIGNATURE, "checkpoint latest.checkpoint");
    }

    @Test
    void historyRewritten_doesNotContinueAnEarlierCheckpoint() throws IOException {
        String since = Files.readString(fixture.checkpoints.resolve("00000000000000000020.checkpoint"));
        assertThat(fixture.verify(Optional.of(since))).isInstanceOf(Verification.Intact.class);

        try (LogFixture longer = LogFixture.in(directory.resolve("longer")).filled(25);
                LogFixture shorter = LogFixture.in(directory.resolve("shorter")).filled(15)) {
            assertBroken(longer.verify(Optional.of(since)), 10, Fault.ROOT, "checkpoint since");
            assertBroken(shorter.verify(Optional.of(since)), 15, Fault.TRUNCATED, "checkpoint since");
        }
    }

    @Test
    void unusableInput_isRejected() {
        AuditVerifier verifier = new AuditVerifier();
        TrustedKeys others = CheckpointKeys.generate("sotto.test/audit/other").publicKeys();
        assertRejected(() -> verifier.verify(fixture.source(), others, Optional.empty()));
        assertRejected(() -> fixture.verify(Optional.of("hello")));
        SignedCheckpoint forged = CheckpointKeys.generate(LogFixture.ORIGIN)
                .signer()
                .sign(new Checkpoint(LogFixture.ORIGIN, 1, MerkleTree.empty(), MerkleTree.empty()), LogFixture.NOW);
        assertRejected(() -> fixture.verify(Optional.of(forged.note())));
        assertRejected(() -> verifier.verify(
                AuditSource.fromDatabase(fixture.database.reader(), "no-such-log"),
                LogFixture.KEYS.publicKeys(),
                Optional.empty()));
        TestDatabase.execute(fixture.database.owner(), "alter schema audit rename to elsewhere");
        assertRejected(() -> verifier.verify(fixture.source(), LogFixture.KEYS.publicKeys(), Optional.empty()));
        TestDatabase.execute(fixture.database.owner(), "alter schema elsewhere rename to audit");
    }

    @Test
    void roles_mayNotChangeOrRemoveRows() throws SQLException {
        for (String sql : List.of(
                "update audit.entry set type = 'x.y'",
                "delete from audit.entry",
                "truncate audit.entry",
                "delete from audit.checkpoint",
                "update audit.checkpoint set size = 1",
                "delete from audit.log",
                "update audit.log set size = 1",
                "update audit.log set epoch = 0",
                "truncate audit.tile",
                "insert into audit.tile values ('x', 0, 0, decode(repeat('00', 8192), 'hex'), decode(repeat('00', 32),"
                        + " 'hex')); delete from audit.tile")) {
            try (Connection connection = fixture.database.owner().getConnection();
                    Statement statement = connection.createStatement()) {
                assertThatThrownBy(() -> statement.execute(sql)).as(sql).isInstanceOf(SQLException.class);
            }
        }
        try (Connection connection = fixture.database.reader().getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : List.of(
                    "insert into audit.checkpoint (log_id, size, note) values ('x', 1, ''::bytea)",
                    "update audit.log set epoch = epoch + 1")) {
                assertThatThrownBy(() -> statement.execute(sql)).hasMessageContaining("permission denied");
            }
        }
        try (Connection connection = fixture.database.sequencer().getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : List.of("delete from audit.entry", "update audit.log set origin = 'x'")) {
                assertThatThrownBy(() -> statement.execute(sql)).hasMessageContaining("permission denied");
            }
        }
    }

    static void truncate(LogFixture fixture, int size) {
        MerkleHash root;
        try (AuditLog log = fixture.open()) {
            root = MerkleTree.root(log.entries(AuditQuery.first(size)).stream()
                    .map(AuditEntry::leafHash)
                    .toList());
        }
        fixture.database.tamper("delete from audit.entry where sequence >= ?", size);
        fixture.database.tamper("delete from audit.checkpoint where size > ?", size);
        fixture.database.tamper("update audit.log set size = ?, root = ?", size, root.bytes());
    }

    private Broken assertBroken(long sequence, Fault fault, String where) {
        return assertBroken(fixture.verify(), sequence, fault, where);
    }

    static Broken assertBroken(Verification found, long sequence, Fault fault, String where) {
        assertThat(found).isInstanceOf(Broken.class);
        Broken broken = (Broken) found;
        assertThat(broken.fault()).as(broken.message()).isEqualTo(fault);
        assertThat(broken.sequence()).as(broken.message()).isEqualTo(sequence);
        assertThat(broken.where()).isEqualTo(where);
        assertThat(broken.message()).startsWith(where);
        return broken;
    }

    private static void assertRejected(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatExceptionOfType(RejectedException.class).isThrownBy(call);
    }
}
