package dev.sotto.core;

import org.jspecify.annotations.Nullable;

/// Sotto itself is wrong: an invariant did not hold.
public final class BugException extends SottoException {
    private static final long serialVersionUID = 1L;

    public BugException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public BugException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }
}
