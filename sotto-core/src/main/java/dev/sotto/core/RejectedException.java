package dev.sotto.core;

import org.jspecify.annotations.Nullable;

/// The input is wrong: whoever sent it must change it. A retry will fail again.
public final class RejectedException extends SottoException {
    private static final long serialVersionUID = 1L;

    public RejectedException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public RejectedException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }
}
