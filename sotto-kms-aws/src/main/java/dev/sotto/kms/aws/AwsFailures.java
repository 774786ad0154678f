package dev.sotto.kms.aws;

import dev.sotto.keys.KmsFailure;
import dev.sotto.keys.KmsFailure.Reason;
import java.io.IOException;
import java.net.SocketTimeoutException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;

/// What the SDK throws, in the words that all key services share. The messages of AWS are never read: they name
/// callers and keys.
final class AwsFailures {
    private static final int MAX_CAUSES = 16;

    private AwsFailures() {}

    static KmsFailure of(SdkException failure) {
        return new KmsFailure(reason(failure), failure);
    }

    private static Reason reason(SdkException failure) {
        return switch (failure) {
            case AwsServiceException answer
            when answer.awsErrorDetails() != null ->
                ofCode(answer.awsErrorDetails().errorCode(), answer);
            case SdkServiceException answer -> ofStatus(answer);
            case AbortedException _ -> Reason.TIMED_OUT;
            default -> ofConnection(failure);
        };
    }

    private static Reason ofCode(String code, SdkServiceException answer) {
        return switch (code == null ? "" : code) {
            case "InvalidCiphertextException", "IncorrectKeyException", "IncorrectKeyMaterialException" ->
                Reason.CIPHERTEXT_REFUSED;
            case "NotFoundException", "InvalidArnException" -> Reason.KEY_UNKNOWN;
            case "DisabledException", "KMSInvalidStateException" -> Reason.KEY_DISABLED;
            case "KMSInternalException", "KeyUnavailableException", "DependencyTimeoutException" ->
                Reason.SERVICE_FAILED;
            case "ThrottlingException", "LimitExceededException" -> Reason.THROTTLED;
            case "AccessDeniedException",
                    "UnrecognizedClientException",
                    "InvalidClientTokenId",
                    "InvalidSignatureException",
                    "IncompleteSignature",
                    "MissingAuthenticationToken",
                    "ExpiredTokenException",
                    "RequestExpired",
                    "OptInRequired" -> Reason.DENIED;
            default -> ofStatus(answer);
        };
    }

    private static Reason ofStatus(SdkServiceException answer) {
        int status = answer.statusCode();
        if (answer.isThrottlingException() || status == 429) {
            return Reason.THROTTLED;
        }
        if (status >= 500) {
            return Reason.SERVICE_FAILED;
        }
        return status == 401 || status == 403 ? Reason.DENIED : Reason.REQUEST_REFUSED;
    }

    /// No answer, or one that the SDK could not read. Only what the JDK threw tells of the connection: the SDK's own
    /// JSON parser throws an [IOException] too.
    private static Reason ofConnection(Throwable failure) {
        var cause = failure;
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
