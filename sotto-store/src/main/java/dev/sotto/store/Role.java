package dev.sotto.store;

/// Who speaks to the database. None is a superuser and none may bypass row-level security.
public enum Role {
    /// Owns the schemas and migrates them; does nothing else.
    OWNER("sotto_owner", 2),
    /// Reads and writes business rows, one tenant at a time.
    APP("sotto_app", 16),
    /// Reads and writes wrapped keys, and nothing else may.
    KEYS("sotto_keys", 6),
    /// The audit sequencer.
    AUDIT("sotto_audit", 4),
    /// Reads the audit log, for verification.
    READER("sotto_reader", 2);

    private final String roleName;
    private final int connections;

    Role(String roleName, int connections) {
        this.roleName = roleName;
        this.connections = connections;
    }

    /// The role's name in the database.
    public String roleName() {
        return roleName;
    }

    /// The most connections its pool holds.
    int connections() {
        return connections;
    }
}
