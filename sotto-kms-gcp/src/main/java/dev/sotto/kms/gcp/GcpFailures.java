package dev.sotto.kms.gcp;

import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.http.HttpResponseException;
import com.google.auth.Retryable;
import dev.sotto.keys.KmsFailure;
import dev.sotto.keys.KmsFailure.Reason;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What Google's client throws, in the words that all key services share. The messages of Google are never read: they
/// name callers and keys.
final class GcpFailures {
    private static final int MAX_CAUSES = 16;
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,4}");

    /// No token could be had.
    static final class NoToken extends IOException {
        private static final long serialVersionUID = 1L;

        NoToken(IOException cause) {
            super("no access token", cause);
        }
    }

    private GcpFailures() {}

    /// @param opens whether the request was to decrypt
    static KmsFailure of(IOException failure, boolean opens) {
        if (failure instanceof HttpResponseException answer) {
            var reason = ofAnswer(answer, opens);
            return retryAfter(answer)
                    .filter(_ -> reason.retryable())
                    .map(asked -> new KmsFailure(reason, asked))
                    .orElseGet(() -> new KmsFailure(reason, answer));
        }
        return new KmsFailure(failure instanceof NoToken ? ofToken(failure) : ofConnection(failure), failure);
    }

    /// Google has one status for "does not open" and for "malformed", so what cannot be decrypted did not open.
    private static Reason ofAnswer(HttpResponseException answer, boolean opens) {
        int status = answer.getStatusCode();
        return switch (status) {
            case 401, 403 -> Reason.DENIED;
            case 404 -> Reason.KEY_UNKNOWN;
            case 408, 409 -> Reason.SERVICE_FAILED;
            case 429 -> Reason.THROTTLED;
            case 400 -> {
                if ("FAILED_PRECONDITION".equals(googleStatus(answer))) {
                    yield Reason.KEY_DISABLED;
                }
                yield opens ? Reason.CIPHERTEXT_REFUSED : Reason.REQUEST_REFUSED;
            }
            default -> status >= 500 ? Reason.SERVICE_FAILED : Reason.REQUEST_REFUSED;
        };
    }

    private static @Nullable Object googleStatus(HttpResponseException answer) {
        return answer instanceof GoogleJsonResponseException json && json.getDetails() != null
                ? json.getDetails().get("status")
                : null;
    }

    private static Optional<Duration> retryAfter(HttpResponseException answer) {
        var asked = answer.getHeaders() == null ? null : answer.getHeaders().getRetryAfter();
        return asked != null && SECONDS.matcher(asked).matches()
                ? Optional.of(Duration.ofSeconds(Long.parseLong(asked)))
                : Optional.empty();
    }

    /// A token server that is busy may have one a moment later; one that refuses the account will not.
    private static Reason ofToken(IOException failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            if (cause instanceof HttpResponseException answer) {
                int status = answer.getStatusCode();
                return status == 429 || status >= 500 ? Reason.SERVICE_FAILED : Reason.DENIED;
            }
            if (cause instanceof Retryable token && token.isRetryable()) {
                return Reason.SERVICE_FAILED;
            }
            cause = cause.getCause();
        }
        var connection = ofConnection(failure);
        return connection == Reason.ANSWER_INVALID ? Reason.DENIED : connection;
    }

    /// Only what the JDK threw tells of the connection: the JSON parser throws an [IOException] too.
    private static Reason ofConnection(IOException failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            if (cause instanceof SocketTimeoutException) {
                return Reason.TIMED_OUT;
            }
            if (cause instanceof IOException && cause.getClass().getName().startsWith("java")) {
                return Reason.UNREACHABLE;
            }
            cause = cause.getCause();
        }
        return Reason.ANSWER_INVALID;
    }
}
