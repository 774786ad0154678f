package dev.sotto.audit;

import javax.sql.DataSource;
/// skeleton

@SuppressWarnings("DoNotCallSuggester")
public final class AuditSchema {
    private AuditSchema() {}

    public static void migrate(DataSource owner, String sequencerRole, String readerRole) {
        throw Pending.yet();
    }
}
