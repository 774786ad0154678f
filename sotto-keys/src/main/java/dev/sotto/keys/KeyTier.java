package dev.sotto.keys;

import dev.sotto.core.IntegrityException;

/// Under which of the two root keys a hierarchy hangs. The code is stored and hashed: it is never renamed.
public enum KeyTier {
    /// Keys of the running installation.
    PRIMARY("primary"),
    /// Keys that travel with backups, which open without the primary root key.
    BACKUP("backup");

    private final String code;

    KeyTier(String code) {
        this.code = code;
    }

    /// The stable name.
    public String code() {
        return code;
    }

    /// Reads a stable name.
    ///
    /// @throws IntegrityException if no tier has it
    public static KeyTier ofCode(String code) {
        for (KeyTier tier : values()) {
            if (tier.code.equals(code)) {
                return tier;
            }
        }
        throw new IntegrityException(KeysError.KEY_RECORD_INVALID, "key tier is not one of the known codes");
    }
}
