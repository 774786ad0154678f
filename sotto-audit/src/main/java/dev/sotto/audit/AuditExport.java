package dev.sotto.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// Writes a log as one file that anyone can verify: `docs/spec/audit-log.md`, "Export". Nothing in it is
/// protected, but it names tenants and resources by id: treat it as the operator's.
public final class AuditExport {
    private static final int BUFFER = 1 << 16;

    private AuditExport() {}

    /// Writes the only log of a database, with or without a running node. The stream stays open.
    ///
    /// @param reader connections of a role that may read the log
    /// @param keys named in the file for its reader's convenience; a verifier uses keys it trusts already
    /// @return how many entries were written: those of the newest checkpoint
    /// @throws RejectedException if there is no log, more than one, or no checkpoint
    public static long write(DataSource reader, TrustedKeys keys, OutputStream out) {
        return write(reader, null, keys, out);
    }

    /// Writes the log with that id, as [#write(DataSource, TrustedKeys, OutputStream)].
    static long write(DataSource reader, @Nullable String logId, TrustedKeys keys, OutputStream out) {
        Optional<DatabaseReader> found = DatabaseReader.open(reader, logId);
        if (found.isEmpty()) {
            throw new RejectedException(AuditError.AUDIT_SOURCE, "database has no audit log to export");
        }
        try (DatabaseReader log = found.get()) {
            return write(log, keys, new BufferedOutputStream(out, BUFFER));
        } catch (IOException failure) {
            throw new UnavailableException(AuditError.AUDIT_SOURCE, "audit export cannot be written", failure);
        }
    }

    private static long write(DatabaseReader log, TrustedKeys keys, OutputStream out) throws IOException {
        long size = log.signedSize();
        out.write(ExportFormat.write(new ExportFormat.Heading(log.origin(), log.logId(), keys.vkeys())));
        long entries = 0;
        for (LogItem item = log.next(); item != null; item = log.next()) {
            if (item instanceof LogItem.Entry stored && entries < size) {
                entries++;
                StoredEntry entry = stored.entry();
                out.write(ExportFormat.write(
                        new ExportFormat.Entry(entry.header(), entry.body(), entry.bodyHash(), entry.leafHash())));
            } else if (item instanceof LogItem.Note note) {
                out.write(ExportFormat.write(
                        new ExportFormat.Note(new String(note.note().array(), UTF_8))));
            }
        }
        out.write(ExportFormat.write(new ExportFormat.End(entries)));
        out.flush();
        return entries;
    }
}
