package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/// Every failure Sotto raises: the subtype says who must act, the code says why. Messages are lower case, name the
/// field
/// and the rule, and never hold protected text or a secret.
public abstract sealed class SottoException extends RuntimeException
        permits RejectedException,
                DeniedException,
                NotFoundException,
                ConflictException,
                LimitedException,
                UnavailableException,
                IntegrityException,
                BugException {
    private static final long serialVersionUID = 1L;

    private final transient ErrorCode code;

    SottoException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = requireNonNull(code, "code");
    }

    public final ErrorCode code() {
        return code;
    }
}
