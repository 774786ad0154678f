package dev.sotto.keys;

import dev.sotto.core.IntegrityException;

/// What a key is for. The code is stored and hashed: it is never renamed.
public enum KeyLevel {
    /// Wraps the class and purpose keys of one tenant; wrapped under a root key.
    TENANT("tenant"),
    /// Wraps the record keys of one tenant and data class; wrapped under the tenant key.
    CLASS("class"),
    /// An HMAC key of one tenant for one use, such as a blind index; wrapped under the tenant key.
    PURPOSE("purpose"),
    /// Seals the data of one call or subject and data class; wrapped under a class key.
    RECORD("record"),
    /// A secret of the node itself; wrapped under a root key, kept outside the database.
    SECRET("secret");

    private final String code;

    KeyLevel(String code) {
        this.code = code;
    }

    /// The stable name.
    public String code() {
        return code;
    }

    /// Reads a stable name.
    ///
    /// @throws IntegrityException if no level has it
    public static KeyLevel ofCode(String code) {
        for (KeyLevel level : values()) {
            if (level.code.equals(code)) {
                return level;
            }
        }
        throw new IntegrityException(KeysError.KEY_RECORD_INVALID, "key level is not one of the known codes");
    }
}
