package dev.sotto.audit;

import java.io.InputStream;
import java.nio.file.Path;
import javax.sql.DataSource;
/// skeleton

@SuppressWarnings("DoNotCallSuggester")
public final class AuditSource {
    private AuditSource() {}

    public static AuditSource fromDatabase(DataSource reader) {
        throw Pending.yet();
    }

    public static AuditSource fromDatabase(DataSource reader, String logId) {
        throw Pending.yet();
    }

    public static AuditSource fromExport(Path file) {
        throw Pending.yet();
    }

    public static AuditSource fromExport(InputStream in) {
        throw Pending.yet();
    }
    /// Also checks the checkpoints saved outside: the log must reach and continue each.
    public AuditSource withCheckpoints(Path directory) {
        throw Pending.yet();
    }
}
