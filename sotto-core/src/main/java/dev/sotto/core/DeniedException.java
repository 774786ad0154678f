package dev.sotto.core;

import org.jspecify.annotations.Nullable;

/// The actor may not do this. Another tenant's id is a [NotFoundException], never this.
public final class DeniedException extends SottoException {
    private static final long serialVersionUID = 1L;

    public DeniedException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public DeniedException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }
}
