package dev.sotto.keys;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Why one try at a key service failed, in the words that every adapter shares. [KmsCalls] decides by it whether to
/// try again and what the caller sees. Holds nothing of the answer: no text, no address, no credential.
public final class KmsFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final transient @Nullable Duration retryAfter;

    /// Why, and whether the same request may succeed a moment later.
    public enum Reason {
        /// No answer within the time of one try.
        TIMED_OUT(true),
        /// No connection, a connection that broke, or a name that does not resolve.
        UNREACHABLE(true),
        /// The service asks for fewer requests.
        THROTTLED(true),
        /// The service failed by its own account, is sealed, or is starting.
        SERVICE_FAILED(true),
        /// What came back is cut, garbled, or not an answer to the question.
        ANSWER_INVALID(true),
        /// All calls that may run at once are in use, or the waiting thread was interrupted.
        BUSY(false),
        /// The credential is refused, or may not use the key.
        DENIED(false),
        /// The service has no such key.
        KEY_UNKNOWN(false),
        /// The key is there but disabled, expired, or waiting to be deleted.
        KEY_DISABLED(false),
        /// The service did not open the wrapped key: altered, another key, or another context.
        CIPHERTEXT_REFUSED(false),
        /// The service calls the request malformed or the key unfit for it.
        REQUEST_REFUSED(false);

        private final boolean retryable;

        Reason(boolean retryable) {
            this.retryable = retryable;
        }

        public boolean retryable() {
            return retryable;
        }

        /// The end of a metric's name, such as `timed_out`.
        String metric() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public KmsFailure(Reason reason) {
        this(reason, null, null);
    }

    /// @param cause what the client library threw; its message is never shown or logged
    public KmsFailure(Reason reason, Throwable cause) {
        this(reason, null, cause);
    }

    /// @param retryAfter how long the service asks to wait; longer than the call may take ends the call
    public KmsFailure(Reason reason, Duration retryAfter) {
        this(reason, requireNonNull(retryAfter, "retryAfter"), null);
    }

    private KmsFailure(Reason reason, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super("key service: " + reason.metric(), cause);
        this.reason = reason;
        this.retryAfter = retryAfter;
    }

    public Reason reason() {
        return reason;
    }

    Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /// What the caller of the key service sees.
    SottoException toException(String scheme, KmsCalls.Operation operation) {
        boolean opens = operation == KmsCalls.Operation.UNWRAP || operation == KmsCalls.Operation.REWRAP;
        return switch (reason) {
            case TIMED_OUT -> unavailable(KeysError.KMS_TIMED_OUT, scheme, "did not answer in time");
            case UNREACHABLE -> unavailable(KeysError.KMS_UNREACHABLE, scheme, "cannot be reached");
            case THROTTLED -> unavailable(KeysError.KMS_THROTTLED, scheme, "asks for fewer requests");
            case SERVICE_FAILED -> unavailable(KeysError.KMS_FAILED, scheme, "failed");
            case ANSWER_INVALID -> unavailable(KeysError.KMS_ANSWER_INVALID, scheme, "gave an answer that is refused");
            case BUSY -> unavailable(KeysError.KMS_BUSY, scheme, "has as many calls under way as are allowed");
            case KEY_DISABLED -> unavailable(KeysError.KMS_KEY_DISABLED, scheme, "says that the key is disabled");
            case DENIED -> {
                var message = "key service (%s) refuses the credential, or its use of the key".formatted(scheme);
                yield new DeniedException(KeysError.KMS_DENIED, message, this);
            }
            case KEY_UNKNOWN -> {
                var message = "key uri names no key of the key service (%s)".formatted(scheme);
                yield opens ? didNotOpen() : new RejectedException(KeysError.KEY_URI_INVALID, message, this);
            }
            case CIPHERTEXT_REFUSED -> opens ? didNotOpen() : refused(scheme);
            case REQUEST_REFUSED -> refused(scheme);
        };
    }

    private IntegrityException didNotOpen() {
        return new IntegrityException(KeysError.WRAPPED_KEY_INVALID, "wrapped key did not open", this);
    }

    private RejectedException refused(String scheme) {
        var message = "key service (%s) refuses the request, or the key is unfit for it".formatted(scheme);
        return new RejectedException(KeysError.KMS_REQUEST_REFUSED, message, this);
    }

    private UnavailableException unavailable(KeysError code, String scheme, String what) {
        return new UnavailableException(code, "key service (%s) %s".formatted(scheme, what), this);
    }
}
