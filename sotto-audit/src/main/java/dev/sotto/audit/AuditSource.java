package dev.sotto.audit;

import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// Where a verifier reads a log from, and where it finds checkpoints that were saved outside it. Immutable.
public final class AuditSource {
    private final Opener opener;
    private final @Nullable Path checkpoints;

    private AuditSource(Opener opener, @Nullable Path checkpoints) {
        this.opener = opener;
        this.checkpoints = checkpoints;
    }

    private interface Opener {
        Optional<LogReader> open();
    }

    /// The only log of a database, which may be in use: one snapshot of it is read.
    ///
    /// @param reader connections of a role that may read the log
    public static AuditSource fromDatabase(DataSource reader) {
        return new AuditSource(() -> DatabaseReader.open(reader, null).map(LogReader.class::cast), null);
    }

    /// One of the logs of a database.
    public static AuditSource fromDatabase(DataSource reader, String logId) {
        return new AuditSource(() -> DatabaseReader.open(reader, logId).map(LogReader.class::cast), null);
    }

    /// A file that [AuditExport] or [AuditLog#export] wrote.
    public static AuditSource fromExport(Path file) {
        return new AuditSource(() -> Optional.of(ExportReader.open(input(file))), null);
    }

    /// An export from a stream, which is read once and closed.
    public static AuditSource fromExport(InputStream in) {
        return new AuditSource(() -> Optional.of(ExportReader.open(in)), null);
    }

    /// This source, and the checkpoints that the node saved outside its database: the log must reach and
    /// continue each.
    public AuditSource withCheckpoints(Path directory) {
        return new AuditSource(opener, directory);
    }

    /// Files must be read before the log is: the log grows meanwhile, never the other way round.
    List<CheckpointFiles.Saved> checkpoints() {
        Path directory = checkpoints;
        return directory == null ? List.of() : new CheckpointFiles(directory, 1).read();
    }

    Optional<LogReader> open() {
        return opener.open();
    }

    private static InputStream input(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new RejectedException(AuditError.AUDIT_SOURCE, "export file (%s) is missing".formatted(file));
            }
            return Files.newInputStream(file);
        } catch (IOException failure) {
            throw new UnavailableException(
                    AuditError.AUDIT_SOURCE, "export file (%s) cannot be read".formatted(file), failure);
        }
    }
}
