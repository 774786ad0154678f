package dev.sotto.store;

import dev.sotto.core.RejectedException;

/// What somebody outside can be told of. The code is stored and sent: it is never renamed.
public enum NoticeType {
    /// A call ended, however it did.
    CALL_COMPLETED("call.completed"),
    /// A call ended by being handed to a person.
    CALL_TRANSFERRED("call.transferred"),
    /// A caller left a message, and it is sealed.
    MESSAGE_TAKEN("message.taken"),
    /// The guard denied a disclosure.
    DISCLOSURE_DENIED("disclosure.denied"),
    /// There were too many identity attempts.
    IDENTITY_LOCKED("identity.locked"),
    /// Keys were used in a way that is out of the ordinary, or cannot be used.
    KEY_ANOMALY("key.anomaly");

    private final String code;

    NoticeType(String code) {
        this.code = code;
    }

    /// The stable name, dotted lower case.
    public String code() {
        return code;
    }

    /// Whether it says that something may be wrong, so that a person should look.
    public boolean isAlert() {
        return this == DISCLOSURE_DENIED || this == IDENTITY_LOCKED || this == KEY_ANOMALY;
    }

    /// Reads a stable name.
    ///
    /// @throws RejectedException if no type has it
    public static NoticeType ofCode(String code) {
        for (NoticeType type : values()) {
            if (type.code.equals(code)) {
                return type;
            }
        }
        throw Fields.rejected("notice type must be one of the known codes");
    }
}
