package dev.sotto.core;

import org.jspecify.annotations.Nullable;

/// A limit was reached: slow down and try later.
public final class LimitedException extends SottoException {
    private static final long serialVersionUID = 1L;

    public LimitedException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public LimitedException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }
}
