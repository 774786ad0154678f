package dev.sotto.store;

import dev.sotto.core.ArtifactId;
import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// The rows of sealed objects.
final class Artifacts {
    private static final String COLUMNS =
            "tenant_id, id, call_id, kind, state, started_at, watermark_chunks, audio_bytes, sealed_bytes";

    private Artifacts() {}

    /// A row. `watermarkChunks` is how many whole chunks were durable when it was last noted.
    record Artifact(
            TenantId tenant,
            ArtifactId id,
            CallId call,
            ArtifactKind kind,
            ArtifactState state,
            Instant startedAt,
            long watermarkChunks,
            long audioBytes,
            long sealedBytes) {
        ObjectFiles.Location location() {
            return new ObjectFiles.Location(tenant, id, startedAt);
        }

        RecordingInfo info() {
            return new RecordingInfo(
                    id, call, kind, state, startedAt, audioBytes, sealedBytes, kind.duration(audioBytes));
        }

        static Artifact of(Sql.Row row) throws SQLException {
            return new Artifact(
                    new TenantId(row.id("tenant_id")),
                    new ArtifactId(row.id("id")),
                    new CallId(row.id("call_id")),
                    Codes.of(ArtifactKind.class, row.text("kind")),
                    Codes.of(ArtifactState.class, row.text("state")),
                    row.instant("started_at"),
                    row.number("watermark_chunks"),
                    row.number("audio_bytes"),
                    row.number("sealed_bytes"));
        }
    }

    static void insert(Sql sql, Artifact artifact, String nodeId) throws SQLException {
        sql.update(
                "INSERT INTO sotto.artifact (tenant_id, id, call_id, kind, state, node_id, started_at)"
                        + " VALUES (?, ?, ?, ?, 'WRITING', ?, ?)",
                artifact.tenant().value(),
                artifact.id().value(),
                artifact.call().value(),
                artifact.kind(),
                nodeId,
                artifact.startedAt());
    }

    static List<Artifact> ofCall(Sql sql, TenantId tenant, CallId call) throws SQLException {
        return sql.list(
                Artifact::of,
                "SELECT " + COLUMNS + " FROM sotto.artifact WHERE tenant_id = ? AND call_id = ? ORDER BY id",
                tenant.value(),
                call.value());
    }

    /// Whether every object of the call was written by that node and is finished.
    static boolean areWholeOn(Sql sql, TenantId tenant, CallId call, String nodeId) throws SQLException {
        return sql.first(
                                row -> row.number("others"),
                                "SELECT count(*) AS others FROM sotto.artifact WHERE tenant_id = ? AND call_id = ?"
                                        + " AND (node_id <> ? OR state = 'WRITING')",
                                tenant.value(),
                                call.value(),
                                nodeId)
                        .orElseThrow()
                == 0;
    }

    static List<Artifact> newestOf(Sql sql, TenantId tenant, ArtifactKind kind, int limit) throws SQLException {
        return sql.list(
                Artifact::of,
                "SELECT " + COLUMNS + " FROM sotto.artifact WHERE tenant_id = ? AND kind = ? ORDER BY id DESC LIMIT ?",
                tenant.value(),
                kind,
                limit);
    }

    static Optional<Artifact> find(Sql sql, TenantId tenant, ArtifactId id) throws SQLException {
        return sql.first(
                Artifact::of,
                "SELECT " + COLUMNS + " FROM sotto.artifact WHERE tenant_id = ? AND id = ?",
                tenant.value(),
                id.value());
    }

    /// Notes that `chunks` whole chunks are durable. Never moves back.
    static void watermark(Sql sql, TenantId tenant, ArtifactId id, long chunks, long audioBytes) throws SQLException {
        sql.update(
                "UPDATE sotto.artifact SET watermark_chunks = ?, audio_bytes = ? WHERE tenant_id = ? AND id = ?"
                        + " AND state = 'WRITING' AND watermark_chunks < ?",
                chunks,
                audioBytes,
                tenant.value(),
                id.value(),
                chunks);
    }

    /// What an object is once it is whole.
    ///
    /// @param digest lower-case hex of the SHA-256 of its file
    record Whole(ArtifactState state, long chunks, long audioBytes, long sealedBytes, String digest, Instant at) {}

    static int finish(Sql sql, TenantId tenant, ArtifactId id, Whole whole) throws SQLException {
        return sql.update(
                "UPDATE sotto.artifact SET state = ?, watermark_chunks = ?, audio_bytes = ?, sealed_bytes = ?,"
                        + " digest = ?, finished_at = ? WHERE tenant_id = ? AND id = ? AND state <> 'TAMPERED'",
                whole.state(),
                whole.chunks(),
                whole.audioBytes(),
                whole.sealedBytes(),
                HexFormat.of().parseHex(whole.digest()),
                whole.at(),
                tenant.value(),
                id.value());
    }

    static void tampered(Sql sql, TenantId tenant, ArtifactId id, Instant at) throws SQLException {
        sql.update(
                "UPDATE sotto.artifact SET state = 'TAMPERED', finished_at = ? WHERE tenant_id = ? AND id = ?",
                at,
                tenant.value(),
                id.value());
    }
}
