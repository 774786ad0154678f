package dev.sotto.audit;

import java.io.OutputStream;
import javax.sql.DataSource;
/// skeleton

@SuppressWarnings("DoNotCallSuggester")
public final class AuditExport {
    private AuditExport() {}
    /// Writes the only log of a database, without a running node.
    public static long write(DataSource reader, TrustedKeys keys, OutputStream out) {
        throw Pending.yet();
    }
}
