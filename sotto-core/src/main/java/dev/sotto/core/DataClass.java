package dev.sotto.core;

/// What kind of protected data something is. Keys, policy, retention and the sub-processor register all speak in these
/// classes. The code is stored and hashed: it is never renamed.
public enum DataClass {
    RECORDING("recording"),
    TRANSCRIPT("transcript"),
    TURN_CONTEXT("turn-context"),
    SUMMARY("summary"),
    ANALYTICS("analytics"),
    EMBEDDING("embedding"),
    VOICEPRINT("voiceprint"),
    SUBJECT("subject"),
    APPOINTMENT("appointment"),
    CALL_METADATA("call-metadata"),
    CREDENTIAL("credential"),
    MODEL_CONFIG("model-config"),
    SPEECH_CACHE("speech-cache"),
    LOG("log"),
    AUDIT_BODY("audit-body"),
    BACKUP("backup");

    private final String code;

    DataClass(String code) {
        this.code = code;
    }

    /// The stable name, lower case with hyphens.
    public String code() {
        return code;
    }

    /// Reads a stable name.
    ///
    /// @throws RejectedException if no class has it
    public static DataClass ofCode(String code) {
        for (DataClass dataClass : values()) {
            if (dataClass.code.equals(code)) {
                return dataClass;
            }
        }
        throw new RejectedException(CoreError.UNKNOWN_DATA_CLASS, "data class is not one of the known codes");
    }
}
