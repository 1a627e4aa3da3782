package io.zoetrope.artifact;

import io.zoetrope.artifact.ArtifactException.Kind;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;

/// Says what a failure of the S3 client means. The server's own words are left out of messages: only its code
/// and status are, so that nothing secret can slip in.
final class S3Faults {

    private static final int CONFLICT = 409;
    private static final int PRECONDITION_FAILED = 412;

    private S3Faults() {}

    /// @param what what was tried, continuing "cannot …"
    static ArtifactException of(String what, S3Settings settings, Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return switch (cause) {
            case ArtifactException ours -> ours;
            case AwsServiceException answered -> answered(what, settings, answered);
            default -> unanswered(what, settings, cause);
        };
    }

    static ArtifactException notFound(String what, S3Settings settings) {
        return exception(Kind.NOT_FOUND, what, settings, "nothing is there", null);
    }

    /// Whether a conditional write was refused because something is there.
    static boolean isTaken(Throwable failure) {
        return failure instanceof ArtifactException ours
                && ours.getCause() instanceof AwsServiceException answer
                && answer.statusCode() == PRECONDITION_FAILED;
    }

    /// Whether a conditional write met another one that had not ended: which of them wins is not known yet.
    static boolean isConflict(Throwable failure) {
        return failure instanceof ArtifactException ours
                && ours.getCause() instanceof AwsServiceException answer
                && answer.statusCode() == CONFLICT;
    }

    private static ArtifactException answered(String what, S3Settings settings, AwsServiceException answer) {
        String code =
                answer.awsErrorDetails() == null ? "" : answer.awsErrorDetails().errorCode();
        String said =
                "%d %s".formatted(answer.statusCode(), code == null ? "" : code).strip();
        if ("NoSuchBucket".equals(code)) {
            return exception(Kind.MISCONFIGURED, what, settings, "there is no such bucket", answer);
        }
        if (code != null && (code.contains("StorageFull") || code.contains("QuotaExceeded"))) {
            return exception(Kind.FULL, what, settings, "no space is left (%s)".formatted(said), answer);
        }
        return switch (answer.statusCode()) {
            case 404 -> exception(Kind.NOT_FOUND, what, settings, "nothing is there", answer);
            case 401, 403 -> exception(Kind.DENIED, what, settings, "access denied (%s)".formatted(said), answer);
            case 301, 307, 400, 405, 501 ->
                exception(Kind.MISCONFIGURED, what, settings, "the server refuses (%s)".formatted(said), answer);
            case 507 -> exception(Kind.FULL, what, settings, "no space is left (%s)".formatted(said), answer);
            case CONFLICT, 429, 500, 502, 503, 504 ->
                exception(Kind.UNREACHABLE, what, settings, "the server cannot now (%s)".formatted(said), answer);
            default -> exception(Kind.FAULT, what, settings, "the server answers %s".formatted(said), answer);
        };
    }

    private static ArtifactException unanswered(String what, S3Settings settings, Throwable cause) {
        if (cause instanceof ApiCallTimeoutException || cause instanceof ApiCallAttemptTimeoutException) {
            return exception(
                    Kind.UNREACHABLE, what, settings, "no answer within %s".formatted(settings.timeout()), cause);
        }
        if (cause instanceof SdkClientException client
                && String.valueOf(client.getMessage()).contains("credentials")) {
            return exception(Kind.MISCONFIGURED, what, settings, "no credentials were found", cause);
        }
        for (Throwable inner = cause; inner != null; inner = inner.getCause()) {
            if (inner instanceof IOException || inner instanceof TimeoutException) {
                return exception(Kind.UNREACHABLE, what, settings, "the server cannot be reached", cause);
            }
        }
        return exception(Kind.FAULT, what, settings, cause.getClass().getSimpleName(), cause);
    }

    private static ArtifactException exception(
            Kind kind, String what, S3Settings settings, String explanation, Throwable cause) {
        return new ArtifactException(
                kind, "cannot %s in %s: %s".formatted(what, settings.address(), explanation), cause);
    }
}
