package dev.sotto.kms.azure;

import com.azure.core.exception.ClientAuthenticationException;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpResponse;
import com.microsoft.aad.msal4j.MsalServiceException;
import dev.sotto.keys.KmsFailure;
import dev.sotto.keys.KmsFailure.Reason;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the SDK throws, in the words that all key services share. The messages of Azure are never read: they name
/// callers and keys.
final class AzureFailures {
    private static final int MAX_CAUSES = 16;
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,4}");
    private static final Set<String> DISABLED = Set.of("KeyDisabled", "KeyExpired", "KeyNotYetValid");

    private AzureFailures() {}

    /// @param opens whether the request was to unwrap
    static KmsFailure of(RuntimeException failure, boolean opens) {
        if (failure instanceof HttpResponseException answered && answered.getResponse() != null) {
            var reason = ofAnswer(answered, opens);
            return retryAfter(answered.getResponse())
                    .filter(_ -> reason.retryable())
                    .map(asked -> new KmsFailure(reason, asked))
                    .orElseGet(() -> new KmsFailure(reason, answered));
        }
        return new KmsFailure(ofNoAnswer(failure), failure);
    }

    /// Azure has one status for "does not open" and for "malformed", so what cannot be unwrapped did not open.
    private static Reason ofAnswer(HttpResponseException failure, boolean opens) {
        int status = failure.getResponse().getStatusCode();
        return switch (status) {
            case 400 -> opens ? Reason.CIPHERTEXT_REFUSED : Reason.REQUEST_REFUSED;
            case 401 -> Reason.DENIED;
            case 403 -> DISABLED.contains(innerCode(failure.getValue())) ? Reason.KEY_DISABLED : Reason.DENIED;
            case 404 -> Reason.KEY_UNKNOWN;
            case 408 -> Reason.SERVICE_FAILED;
            case 409 -> Reason.KEY_DISABLED; // it is being deleted or recovered
            case 429 -> Reason.THROTTLED;
            default -> {
                if (status < 300) {
                    yield Reason.ANSWER_INVALID;
                }
                yield status >= 500 ? Reason.SERVICE_FAILED : Reason.REQUEST_REFUSED;
            }
        };
    }

    /// `error.innererror.code`.
    private static String innerCode(@Nullable Object body) {
        var found = body;
        for (var field : new String[] {"error", "innererror", "code"}) {
            found = found instanceof Map<?, ?> object ? object.get(field) : null;
        }
        return found instanceof String code ? code : "";
    }

    private static Optional<Duration> retryAfter(HttpResponse answer) {
        var asked = answer.getHeaderValue(HttpHeaderName.RETRY_AFTER);
        return asked != null && SECONDS.matcher(asked).matches()
                ? Optional.of(Duration.ofSeconds(Long.parseLong(asked)))
                : Optional.empty();
    }

    /// Only what the JDK threw tells of the connection: the SDK's JSON reader throws an [IOException] too.
    private static Reason ofNoAnswer(RuntimeException failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            switch (cause) {
                case HttpTimeoutException _, TimeoutException _, InterruptedException _ -> {
                    return Reason.TIMED_OUT;
                }
                case MsalServiceException refused
                when refused.statusCode() != null -> {
                    int status = refused.statusCode();
                    return status == 429 || status >= 500 ? Reason.SERVICE_FAILED : Reason.DENIED;
                }
                case IOException lost
                when lost.getClass().getName().startsWith("java") -> {
                    return Reason.UNREACHABLE;
                }
                default -> cause = cause.getCause();
            }
        }
        return failure instanceof ClientAuthenticationException ? Reason.DENIED : Reason.ANSWER_INVALID;
    }
}
