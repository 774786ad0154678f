package dev.sotto.core;

import org.jspecify.annotations.Nullable;

/// Somebody else changed or took it first: read again, then decide.
public final class ConflictException extends SottoException {
    private static final long serialVersionUID = 1L;

    public ConflictException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public ConflictException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }
}
