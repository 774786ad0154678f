package dev.sotto.core;

import org.jspecify.annotations.Nullable;

/// Something Sotto needs does not answer now. A retry is safe and may succeed.
public final class UnavailableException extends SottoException {
    private static final long serialVersionUID = 1L;

    public UnavailableException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public UnavailableException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }
}
