package dev.sotto.core;

import org.jspecify.annotations.Nullable;

/// There is no such thing, or not for this tenant.
public final class NotFoundException extends SottoException {
    private static final long serialVersionUID = 1L;

    public NotFoundException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public NotFoundException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }
}
