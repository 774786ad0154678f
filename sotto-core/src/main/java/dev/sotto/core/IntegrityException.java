package dev.sotto.core;

import org.jspecify.annotations.Nullable;

/// Stored or received data is not what was written: tampering, damage or the wrong key. Never retried.
public final class IntegrityException extends SottoException {
    private static final long serialVersionUID = 1L;

    public IntegrityException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public IntegrityException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }
}
