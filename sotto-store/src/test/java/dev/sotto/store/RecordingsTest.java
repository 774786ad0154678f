package dev.sotto.store;

import static dev.sotto.store.StoreFixture.USER;
import static dev.sotto.store.StoreFixture.audio;
import static dev.sotto.store.StoreFixture.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.CallId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecordingsTest {
    private static final int SECOND = 16_000;
    private static final int CHUNK = 16 * 1024;

    @TempDir
    Path folder;

    private StoreFixture fixture;
    private TenantId tenant;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(TestPostgres.shared(), folder.resolve("objects"));
        tenant = fixture.tenant().id();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private Recordings recordings() {
        return fixture.store.recordings();
    }

    /// Writes whole seconds, the clock going with them.
    private static void write(StoreFixture fixture, RecordingWriter writer, int seconds) {
        for (int i = 0; i < seconds; i++) {
            writer.write(audio(writer.audioBytes(), SECOND));
            fixture.clock.advance(Duration.ofSeconds(1));
        }
    }

    private CallId recorded(int seconds) {
        var call = fixture.connected(tenant);
        try (var writer = recordings().start(tenant, call)) {
            write(fixture, writer, seconds);
            writer.finish();
        }
        return call;
    }

    /// A call whose node dies after so many seconds of recording.
    private CallId torn(int seconds) {
        var call = fixture.connected(tenant);
        try (var writer = recordings().start(tenant, call)) {
            write(fixture, writer, seconds);
        }
        return call;
    }

    /// The next life of the same node.
    private StoreFixture nextLife() {
        return new StoreFixture(fixture.postgres, fixture.objects, fixture.nodeId, fixture.kms);
    }

    private static byte[] readAll(RecordingReader reader) {
        var bytes = ByteBuffer.allocate((int) reader.sizeBytes());
        assertThat(reader.read(0, bytes)).isEqualTo(bytes.capacity());
        assertThat(reader.read(reader.sizeBytes(), ByteBuffer.allocate(1))).isEqualTo(-1);
        return bytes.array();
    }

    private Path file() throws IOException {
        try (var files = Files.walk(folder)) {
            var sealed = files.filter(Files::isRegularFile).toList();
            assertThat(sealed).hasSize(1);
            return sealed.getFirst();
        }
    }

    @Test
    void recording_writtenAndFinished_opensInAnyPart() throws IOException {
        var call = recorded(5);

        var info = recordings().find(tenant, call).orElseThrow();
        assertThat(info.state()).isEqualTo(ArtifactState.SEALED);
        assertThat(info.duration()).isEqualTo(Duration.ofSeconds(5));
        assertThat(info.audioBytes()).isEqualTo(5L * SECOND);
        assertThat(info.sealedBytes()).isEqualTo(Files.size(file()));
        try (var reader = recordings().open(tenant, call, USER)) {
            assertThat(readAll(reader)).isEqualTo(audio(0, 5 * SECOND).array());
            var part = ByteBuffer.allocate(1000);
            assertThat(reader.read(40_000, part)).isEqualTo(1000);
            assertThat(part.array()).isEqualTo(audio(40_000, 1000).array());
        }
        assertThat(fixture.audit.types()).contains("recording.started", "recording.sealed", "recording.opened");
        assertThat(fixture.audit.events("recording.sealed").getFirst().details().get("digest"))
                .hasSize(64);
    }

    @Test
    void opening_saysInTheLogWhatIsShown() {
        var call = recorded(1);

        recordings().open(tenant, call, USER).close();
        recordings().open(tenant, call, RecordingView.PEAKS, USER).close();

        assertThat(fixture.audit.events("recording.opened"))
                .extracting(event -> event.details().get("view"))
                .containsExactly("AUDIO", "PEAKS");
    }

    @Test
    void files_areTheirOwnersOnlyAndNamedByIds() throws IOException {
        var call = recorded(1);

        var info = recordings().find(tenant, call).orElseThrow();
        assertThat(fixture.objects.relativize(file()))
                .isEqualTo(Path.of(tenant.toString(), "2026-03", info.id() + ".sealed"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file().getParent())))
                .isEqualTo("rwx------");
    }

    @Test
    void recording_ofACallThatDidNotAnnounceIt_isRefused() {
        var offered = fixture.offered(tenant, token(3));
        assertThatExceptionOfType(ConflictException.class)
                .isThrownBy(() -> recordings().start(tenant, offered.id()));

        var now = fixture.clock.instant();
        fixture.store.calls().connect(tenant, offered.id(), token(3), fixture.nodeId, now);
        assertThatExceptionOfType(ConflictException.class)
                .isThrownBy(() -> recordings().start(tenant, offered.id()));

        fixture.store.calls().announce(tenant, offered.id(), false, "receptionist", now);
        assertThatExceptionOfType(ConflictException.class)
                .isThrownBy(() -> recordings().start(tenant, offered.id()));
        fixture.store.messages().start(tenant, offered.id()).close();
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> recordings().start(tenant, fixture.ids.callId()));
    }

    @Test
    void open_withoutTheAuditLog_givesNothing() {
        var call = recorded(1);
        fixture.audit.goDown();

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> recordings().open(tenant, call, USER));
    }

    @Test
    void finish_withoutTheAuditLog_canBeDoneAgain() {
        var call = fixture.connected(tenant);
        try (var writer = recordings().start(tenant, call)) {
            write(fixture, writer, 2);
            fixture.audit.goDown();
            assertThatExceptionOfType(UnavailableException.class).isThrownBy(writer::finish);
            fixture.audit.comeBack();
            assertThat(writer.finish().duration()).isEqualTo(Duration.ofSeconds(2));
        }
        assertThat(recordings().find(tenant, call).orElseThrow().state()).isEqualTo(ArtifactState.SEALED);
    }

    @Test
    void open_ofARecordingStillWritten_conflicts() {
        var call = fixture.connected(tenant);
        try (var writer = recordings().start(tenant, call)) {
            write(fixture, writer, 2);
            assertThatExceptionOfType(ConflictException.class)
                    .isThrownBy(() -> recordings().open(tenant, call, USER));
        }
    }

    @Test
    void open_ofAnotherTenantsCall_isNotFound() {
        var call = recorded(1);
        var stranger = fixture.tenant().id();

        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> recordings().open(stranger, call, USER));
    }

    @Test
    void recording_withAFlippedBit_isRefusedWhereItWasFlipped() throws IOException {
        var call = recorded(5);
        flip(file(), 2 * CHUNK);

        try (var reader = recordings().open(tenant, call, USER)) {
            assertThat(reader.read(0, ByteBuffer.allocate(1000))).isEqualTo(1000);
            assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> readAll(reader));
        }
    }

    @Test
    void recording_withAFlippedBitInItsLastChunkOrHeader_doesNotOpen() throws IOException {
        var call = recorded(5);
        long size = Files.size(file());
        for (long at : new long[] {0, 8, 40, size - 1}) {
            flip(file(), at);
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> recordings().open(tenant, call, USER));
            flip(file(), at);
        }
        recordings().open(tenant, call, USER).close();
    }

    @Test
    void recording_cutAnywhere_doesNotOpen() throws IOException {
        var call = recorded(5);
        long size = Files.size(file());
        byte[] whole = Files.readAllBytes(file());
        int header = whole.length - (5 * SECOND) - 16 * (5 * SECOND / CHUNK + 1);
        for (long keep : new long[] {size - 1, size - CHUNK, header + (CHUNK + 16L) * 2, header, 10, 0}) {
            Files.write(file(), java.util.Arrays.copyOf(whole, (int) keep));
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> recordings().open(tenant, call, USER));
        }
    }

    @Test
    void recording_cutAtAChunkWithItsRowChangedToo_doesNotOpen() throws IOException {
        var call = recorded(5);
        byte[] whole = Files.readAllBytes(file());
        int header = whole.length - (5 * SECOND) - 16 * (5 * SECOND / CHUNK + 1);
        Files.write(file(), java.util.Arrays.copyOf(whole, header + (CHUNK + 16) * 2));
        fixture.tamper(
                tenant,
                "UPDATE sotto.artifact SET sealed_bytes = ?, audio_bytes = ? WHERE call_id = ?",
                header + (CHUNK + 16) * 2,
                2 * CHUNK,
                call.value());

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> recordings().open(tenant, call, USER));
    }

    @Test
    void recording_putInAnothersPlace_doesNotOpen() throws IOException {
        var mine = recorded(1);
        Path myFile = file();
        var other = recorded(1);
        var otherInfo = recordings().find(tenant, other).orElseThrow();
        Files.copy(
                myFile,
                myFile.resolveSibling(otherInfo.id() + ".sealed"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> recordings().open(tenant, other, USER));
        recordings().open(tenant, mine, USER).close();
    }

    @Test
    void recoverAll_ofATornRecording_opensItsWholeChunksUnderAFreshKey() throws IOException {
        var call = torn(5);
        byte[] before = Files.readAllBytes(file());

        try (var next = nextLife()) {
            var recovered = next.store.recordings().recoverAll(fixture.nodeId);

            assertThat(recovered).hasSize(1);
            assertThat(recovered.getFirst().state()).isEqualTo(ArtifactState.RECOVERED);
            assertThat(recovered.getFirst().wholeChunks()).isEqualTo(5L * SECOND / CHUNK);
            assertThat(recovered.getFirst().call()).isEqualTo(call);
            int kept = 5 * SECOND / CHUNK * CHUNK;
            try (var reader = next.store.recordings().open(tenant, call, USER)) {
                assertThat(readAll(reader)).isEqualTo(audio(0, kept).array());
            }
            var event = next.audit.events("recording.recovered").getFirst();
            assertThat(event.details()).containsEntry("chunks", "4").containsEntry("old_key", "destroyed");
            assertThat(next.audit.types()).contains("key.destroyed");
            var record = next.store.calls().find(tenant, call).orElseThrow();
            assertThat(record.outcome()).contains(CallOutcome.LOST);
            assertThat(record.endedAt()).isPresent();
            assertThat(next.store.recordings().recoverAll(fixture.nodeId)).isEmpty();

            Files.write(file(), before);
            next.keys.forgetUnwrapped();
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> next.store.recordings().open(tenant, call, USER));
        }
    }

    @Test
    void recoverAll_losesTwoSecondsAtMost() {
        for (int seconds = 1; seconds <= 8; seconds++) {
            var call = torn(seconds);
            try (var next = nextLife()) {
                next.store.recordings().recoverAll(fixture.nodeId);
                var info = next.store.recordings().find(tenant, call).orElseThrow();
                assertThat(info.duration()).isGreaterThan(Duration.ofSeconds(seconds - 2));
            }
        }
    }

    @Test
    void recoverAll_afterItDiedHalfway_doesItAgain() throws IOException {
        var call = torn(5);
        Path file = file();
        try (var next = nextLife()) {
            next.audit.goDown();
            assertThatExceptionOfType(UnavailableException.class)
                    .isThrownBy(() -> next.store.recordings().recoverAll(fixture.nodeId));
        }
        Files.write(file.resolveSibling("left.replacement"), new byte[] {1});
        Files.delete(file.resolveSibling("left.replacement"));

        try (var next = nextLife()) {
            assertThat(next.store.recordings().recoverAll(fixture.nodeId)).hasSize(1);
            try (var reader = next.store.recordings().open(tenant, call, USER)) {
                assertThat(readAll(reader))
                        .isEqualTo(audio(0, 5 * SECOND / CHUNK * CHUNK).array());
            }
        }
    }

    @Test
    void recoverAll_afterTheRowsWereNotChanged_doesItAgain() throws IOException {
        var call = torn(5);
        try (var next = nextLife()) {
            next.store.recordings().recoverAll(fixture.nodeId);
        }
        fixture.tamper(
                tenant,
                "UPDATE sotto.artifact SET state = 'WRITING', finished_at = NULL WHERE call_id = ?",
                call.value());

        try (var next = nextLife()) {
            assertThat(next.store.recordings().recoverAll(fixture.nodeId))
                    .extracting(Recovered::state)
                    .containsExactly(ArtifactState.RECOVERED);
            try (var reader = next.store.recordings().open(tenant, call, USER)) {
                assertThat(reader.sizeBytes()).isEqualTo(5L * SECOND / CHUNK * CHUNK);
            }
        }
    }

    @Test
    void recoverAll_withFewerChunksThanWereDurable_isTampering() throws IOException {
        var call = torn(6);
        Path file = file();
        byte[] whole = Files.readAllBytes(file);
        byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 3 * (CHUNK + 16));
        Files.write(file, cut);

        try (var next = nextLife()) {
            var recovered = next.store.recordings().recoverAll(fixture.nodeId);

            assertThat(recovered).extracting(Recovered::state).containsExactly(ArtifactState.TAMPERED);
            assertThat(next.audit.events("recording.tampered").getFirst().details())
                    .containsEntry("chunks", "2")
                    .containsEntry("old_key", "kept");
            assertThat(Files.readAllBytes(file)).isEqualTo(cut);
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> next.store.recordings().open(tenant, call, USER))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(StoreError.RECORDING_TAMPERED));
        }
    }

    @Test
    void recoverAll_withAFlippedBitInADurableChunk_isTampering() throws IOException {
        torn(6);
        flip(file(), CHUNK + 500);

        try (var next = nextLife()) {
            assertThat(next.store.recordings().recoverAll(fixture.nodeId))
                    .extracting(Recovered::state)
                    .containsExactly(ArtifactState.TAMPERED);
        }
    }

    @Test
    void recoverAll_withTheFileGone_isTamperingIfAnythingWasDurable() throws IOException {
        torn(6);
        Files.delete(file());

        try (var next = nextLife()) {
            assertThat(next.store.recordings().recoverAll(fixture.nodeId))
                    .extracting(Recovered::state)
                    .containsExactly(ArtifactState.TAMPERED);
        }
    }

    @Test
    void recoverAll_beforeAnythingWasDurable_leavesAnEmptyRecording() throws IOException {
        var call = torn(0);
        Files.delete(file());

        try (var next = nextLife()) {
            assertThat(next.store.recordings().recoverAll(fixture.nodeId))
                    .extracting(Recovered::state)
                    .containsExactly(ArtifactState.RECOVERED);
            try (var reader = next.store.recordings().open(tenant, call, USER)) {
                assertThat(reader.sizeBytes()).isZero();
            }
        }
    }

    @Test
    void recoverAll_withAFinishedMessageInTheSameCall_keepsItReadable() {
        var call = fixture.connected(tenant);
        var recording = recordings().start(tenant, call);
        write(fixture, recording, 3);
        try (var message = fixture.store.messages().start(tenant, call)) {
            message.write(audio(7, 8_000));
            message.finish();
        }
        recording.close();

        try (var next = nextLife()) {
            assertThat(next.store.recordings().recoverAll(fixture.nodeId)).hasSize(2);
            next.keys.forgetUnwrapped();
            var messages = next.store.messages().list(tenant, 10);
            assertThat(messages).hasSize(1);
            assertThat(messages.getFirst().duration()).isEqualTo(Duration.ofSeconds(1));
            try (var reader =
                    next.store.messages().open(tenant, messages.getFirst().id(), USER)) {
                assertThat(readAll(reader)).isEqualTo(audio(7, 8_000).array());
            }
            assertThat(next.audit.types()).contains("message.resealed", "recording.recovered", "message.opened");
        }
    }

    @Test
    void recoverAll_ofAnotherNodesCalls_touchesNothing() {
        var call = torn(3);

        try (var other = new StoreFixture(fixture.postgres, fixture.objects)) {
            assertThat(other.store.recordings().recoverAll(other.nodeId)).isEmpty();
        }
        assertThat(recordings().find(tenant, call).orElseThrow().state()).isEqualTo(ArtifactState.WRITING);
        assertThat(fixture.store.calls().find(tenant, call).orElseThrow().state())
                .isEqualTo(CallState.CONNECTED);
    }

    @Test
    void watermark_isNotedWhileTheRecordingRuns() {
        var call = torn(6);

        var info = recordings().find(tenant, call).orElseThrow();
        assertThat(info.audioBytes()).isBetween(3L * CHUNK, 6L * SECOND);
    }

    @Test
    void write_whileTheDatabaseHangs_isNotHeldUp() throws SQLException {
        var call = fixture.connected(tenant);
        try (var writer = recordings().start(tenant, call);
                var other = fixture.postgres.dataSource(Role.OWNER).getConnection()) {
            other.setAutoCommit(false);
            var sql = new Sql(other);
            sql.run("SELECT set_config('app.tenant', ?, true)", tenant.value().toString());
            sql.run(
                    "SELECT id FROM sotto.artifact WHERE id = ? FOR UPDATE",
                    writer.info().id().value());
            long began = System.nanoTime();
            write(fixture, writer, 6);
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            other.rollback();

            assertThat(took).as("less than any statement waits for a lock").isLessThan(Duration.ofSeconds(4));
            assertThat(writer.finish().duration()).isEqualTo(Duration.ofSeconds(6));
        }
        assertThat(recordings().find(tenant, call).orElseThrow().state()).isEqualTo(ArtifactState.SEALED);
    }

    private static void flip(Path file, long at) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var one = ByteBuffer.allocate(1);
            channel.read(one, at);
            one.put(0, (byte) (one.get(0) ^ 1)).rewind();
            channel.write(one, at);
        }
    }
}
