package dev.sotto.server.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sotto.audit.CheckpointKeys;
import dev.sotto.audit.SignedCheckpoint;
import dev.sotto.server.faults.NodeProcess.Ended;
import dev.sotto.server.node.Foundation;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.PassphraseSource;
import dev.sotto.store.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The audit log in the hands of its tables' owner, who may switch off the triggers that protect it.
class AuditTamperIT {
    private static final long VICTIM = 7;
    private static final long NEXT = VICTIM + 1;
    private static final String KEEP = "create table audit.kept as select * from audit.entry where sequence = 7";
    private static final List<String> SWAP = List.of(
            "update audit.entry set sequence = 1000000000 where sequence = 7",
            "update audit.entry set sequence = 7 where sequence = 8",
            "update audit.entry set sequence = 8 where sequence = 1000000000");
    private static final String STATUS = "exit status";

    private static Home home;
    private static NodeProcess node;
    private static Path before;

    @BeforeAll
    static void start() throws Exception {
        home = Home.make("audit-tamper");
        node = NodeProcess.start(home);
        Path latest = home.state("checkpoints").resolve("latest.checkpoint");
        Await.until("a checkpoint covers what is edited", () -> size(latest) > NEXT);
        before = Files.copy(latest, home.folder().resolve("before.checkpoint"));
        assertIntact(verify()); // is itself an entry, so the log grows
        Await.until("the log has grown", () -> size(latest) > size(before));
    }

    @AfterAll
    static void stop() throws Exception {
        try (Home _ = home;
                NodeProcess _ = node) {
            assertThat(node.isAlive()).isTrue();
        }
    }

    /// What is done to the log, how it is undone, and what must be said of it.
    record Fault(String name, List<String> done, List<String> undone, String said) {
        static final Fault BODY_EDITED = flipping("body", 20);
        static final Fault HEADER_EDITED = flipping("header", 9);
        static final Fault COLUMN_EDITED = new Fault(
                "column edited",
                List.of("update audit.entry set actor = 'user/nobody' || actor where sequence = 7"),
                List.of("update audit.entry set actor = substr(actor, 12) where sequence = 7"),
                "column altered");
        static final Fault DELETED = new Fault(
                "deleted",
                List.of(KEEP, "delete from audit.entry where sequence = 7"),
                List.of("insert into audit.entry select * from audit.kept", "drop table audit.kept"),
                "missing");
        static final Fault REORDERED = new Fault("reordered", SWAP, SWAP, "reordered");

        private static Fault flipping(String column, int at) {
            String flip =
                    "update audit.entry set %1$s = set_byte(%1$s, %2$d, get_byte(%1$s, %2$d) # 1) where sequence = 7"
                            .formatted(column, at);
            return new Fault(column + " edited", List.of(flip), List.of(flip), column + " altered");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Fault> faults() {
        return List.of(Fault.BODY_EDITED, Fault.HEADER_EDITED, Fault.COLUMN_EDITED, Fault.DELETED, Fault.REORDERED);
    }

    @Test
    void ownerWithTriggers_changesNothing() throws Exception {
        try (var owner = Database.open(home, Role.OWNER)) {
            for (String change : List.of(
                    "update audit.entry set actor = 'user/nobody' where sequence = 7",
                    "delete from audit.entry where sequence = 7",
                    "truncate audit.entry",
                    "update audit.log set size = size - 1")) {
                assertThat(catchThrowable(() -> owner.run(change))).as(change).isInstanceOf(SQLException.class);
            }
        }
        assertIntact(verify());
    }

    @ParameterizedTest
    @MethodSource("faults")
    void damage_isNamedWhileTheNodeRuns(Fault fault) throws Exception {
        change(fault.done);
        Ended verified = verify();
        change(fault.undone);

        assertBroken(verified, "entry " + VICTIM, fault.said);
        assertIntact(verify());
    }

    /// Whoever can write the rows can write fitting hashes too; the signed roots are what they cannot write.
    @Test
    void entryReplacedWithAllItsHashes_isNotWhatWasSigned() throws Exception {
        change(List.of(
                KEEP,
                "update audit.entry set body = convert_to(regexp_replace(convert_from(body, 'UTF8'),"
                        + " '\"salt\":\"....', '\"salt\":\"0000'), 'UTF8') where sequence = 7",
                "update audit.entry set body_hash = sha256(body) where sequence = 7",
                "update audit.entry set leaf_hash = sha256('\\x00'::bytea || header || body_hash) where sequence = 7"));
        Ended verified = verify();
        change(List.of(
                "delete from audit.entry where sequence = 7",
                "insert into audit.entry select * from audit.kept",
                "drop table audit.kept"));

        assertThat(verified.out() + verified.err())
                .startsWith("broken at checkpoint")
                .contains("root", "signed");
        assertThat(verified.status()).as(STATUS).isEqualTo(1);
        assertIntact(verify());
    }

    @Test
    void damage_isNamedOfAStoppedNode() throws Exception {
        node.close();
        try {
            for (Fault fault : List.of(Fault.BODY_EDITED, Fault.DELETED, Fault.REORDERED)) {
                changeStopped(fault.done);
                Ended verified = verify();
                changeStopped(fault.undone);
                assertBroken(verified, "entry " + VICTIM, fault.said);
            }
            assertIntact(verify());
            assertIntact(verify("--since", before.toString()));
        } finally {
            node = NodeProcess.start(home);
        }
    }

    /// Rows, head and stored checkpoints go back together, so the database fits in itself: only what was saved
    /// outside knows better.
    @Test
    void logCutBelowACheckpointSavedOutside_isNamedAndNotOpened() throws Exception {
        node.close();
        Path rows = home.data().resolve("postgres");
        Path aside = home.folder().resolve("postgres-aside");
        copy(rows, aside);
        try {
            SignedCheckpoint older = SignedCheckpoint.parse(Files.readString(before));
            String size = String.valueOf(older.checkpoint().size());
            changeStopped(List.of(
                    "delete from audit.entry where sequence >= " + size,
                    "delete from audit.checkpoint where size > " + size,
                    "delete from audit.tile where (index + 1) * (256::numeric ^ (level + 1)) > " + size,
                    "update audit.log set size = %s, root = decode('%s', 'base64')"
                            .formatted(size, Files.readAllLines(before).get(2))));

            assertBroken(verify(), "checkpoint", "truncated", "the log has only " + size);
            Ended refused = NodeProcess.command(home, "up", "--demo", "--port", "0");
            assertThat(refused.err())
                    .contains("sotto: log (")
                    .contains("has %s entries and its checkpoint".formatted(size))
                    .contains("hint: this database was rolled back or replaced");
            assertThat(refused.out()).doesNotContain("is ready");
            assertThat(refused.status()).as(STATUS).isEqualTo(1);
        } finally {
            run("rm", "-rf", rows.toString());
            Files.move(aside, rows);
            node = NodeProcess.start(home);
        }
        assertIntact(verify());
    }

    /// A backup put back is a rollback too.
    @Test
    void olderCopyOfTheDatabase_isNotOpened() throws Exception {
        node.close();
        Path rows = home.data().resolve("postgres");
        Path older = home.folder().resolve("postgres-older");
        Path aside = home.folder().resolve("postgres-newer");
        copy(rows, older);
        node = NodeProcess.start(home);
        node.close();
        Files.move(rows, aside);
        try {
            Files.move(older, rows);
            Ended refused = NodeProcess.command(home, "up", "--demo", "--port", "0");
            assertThat(refused.err()).contains("hint: this database was rolled back or replaced");
            assertThat(refused.status()).as(STATUS).isEqualTo(1);
            assertBroken(verify(), "checkpoint", "truncated");
        } finally {
            run("rm", "-rf", rows.toString());
            Files.move(aside, rows);
            node = NodeProcess.start(home);
        }
        assertIntact(verify());
    }

    @Test
    void exportedFile_intactEditedAndCut() throws Exception {
        Path export = home.folder().resolve("log.ndjson");
        Ended written = NodeProcess.command(home, "audit", "export", "-o", export.toString());
        assertThat(written.status()).as(written.err()).isZero();
        assertIntact(verify("--file", export.toString()));
        assertIntact(verify("--file", export.toString(), "--since", before.toString()));
        List<String> lines = Files.readAllLines(export);
        List<Integer> entries = IntStream.range(0, lines.size())
                .filter(line -> lines.get(line).startsWith("{\"header\":"))
                .boxed()
                .toList();
        int at = entries.get((int) VICTIM);
        int next = entries.get((int) NEXT);

        assertBroken(file(replaced(lines, at, edited(lines.get(at)))), "line " + (at + 1), "body altered");
        var less = new ArrayList<>(lines);
        less.remove(at);
        assertBroken(file(less), "entry " + VICTIM, "missing");
        var swapped = new ArrayList<>(lines);
        Collections.swap(swapped, at, next);
        assertBroken(file(swapped), "entry " + VICTIM, "reordered");
        assertBroken(file(lines.subList(0, lines.size() - 1)), "log", "truncated");
    }

    @Test
    void checkpointsGivenAsSince_olderHoldsAndForeignIsRefused() throws Exception {
        assertIntact(verify("--since", before.toString()));

        var own = SignedCheckpoint.parse(Files.readString(before)).checkpoint();
        var stranger = CheckpointKeys.generate(own.origin());
        Path forged = Files.writeString(
                home.folder().resolve("forged.checkpoint"),
                stranger.signer().sign(own, Instant.now()).note());
        Ended refused = verify("--since", forged.toString());
        assertThat(refused.err()).startsWith("sotto: checkpoint since must not be believed: ");
        assertThat(refused.out()).isEmpty();
        assertThat(refused.status()).as(STATUS).isEqualTo(2);

        String note = Files.readString(before);
        Path altered = Files.writeString(
                home.folder().resolve("altered.checkpoint"),
                note.replaceFirst("\n%d\n".formatted(own.size()), "\n%d\n".formatted(own.size() - 1)));
        assertThat(verify("--since", altered.toString()).status()).as(STATUS).isEqualTo(2);
    }

    private static long size(Path checkpoint) throws Exception {
        return SignedCheckpoint.parse(Files.readString(checkpoint)).checkpoint().size();
    }

    /// Changes rows of the log as their owner, without the triggers, and all of it or nothing.
    private static void change(List<String> statements) throws Exception {
        try (var owner = Database.open(home, Role.OWNER)) {
            owner.run("begin");
            owner.run("alter table audit.entry disable trigger user");
            owner.run("alter table audit.log disable trigger user");
            owner.run("alter table audit.checkpoint disable trigger user");
            owner.run("alter table audit.tile disable trigger user");
            for (String statement : statements) {
                assertThat(owner.run(statement)).as(statement).isGreaterThanOrEqualTo(0);
            }
            owner.run("alter table audit.entry enable trigger user");
            owner.run("alter table audit.log enable trigger user");
            owner.run("alter table audit.checkpoint enable trigger user");
            owner.run("alter table audit.tile enable trigger user");
            owner.run("commit");
        }
    }

    /// As [#change(List)], in the database of a node that does not run.
    private static void changeStopped(List<String> statements) throws Exception {
        try (var foundation = Foundation.existing(
                        home.places(), NodeConfig.defaults(), new PassphraseSource(Optional.empty()));
                var _ = foundation.startDatabase()) {
            change(statements);
        }
    }

    /// The same entry, with another body.
    private static String edited(String line) {
        String name = "\"body\":\"";
        int from = line.indexOf(name) + name.length();
        int to = line.indexOf('"', from);
        byte[] body = Base64.getDecoder().decode(line.substring(from, to));
        body[20] ^= 1;
        return line.substring(0, from) + Base64.getEncoder().encodeToString(body) + line.substring(to);
    }

    private static List<String> replaced(List<String> lines, int at, String line) {
        List<String> changed = new ArrayList<>(lines);
        changed.set(at, line);
        return changed;
    }

    private static Ended file(List<String> lines) throws Exception {
        Path file = home.folder().resolve("damaged.ndjson");
        Files.writeString(file, String.join("\n", lines) + "\n", UTF_8);
        return verify("--file", file.toString());
    }

    private static Ended verify(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("audit", "verify"));
        arguments.addAll(List.of(more));
        return NodeProcess.command(home, arguments.toArray(String[]::new));
    }

    private static void assertIntact(Ended verified) {
        assertThat(verified.out() + verified.err()).startsWith("intact, ");
        assertThat(verified.status()).as(STATUS).isZero();
    }

    private static void assertBroken(Ended verified, String where, String... said) {
        assertThat(verified.out() + verified.err())
                .startsWith("broken at ")
                .contains(where)
                .contains(said);
        assertThat(verified.status()).as(STATUS).isEqualTo(1);
    }

    /// With owners and modes, which the database insists on.
    private static void copy(Path from, Path to) throws Exception {
        run("cp", "-a", from.toString(), to.toString());
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
}
