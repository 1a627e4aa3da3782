package io.zoetrope.worker.intake;

import org.eclipse.microprofile.reactive.messaging.Metadata;

/// How the work on a record ended, as far as the broker is concerned.
///
/// An acknowledged message is accepted. A refused one (`nack`) is what its metadata say, if they hold a
/// settlement; otherwise what its exception says, if it is a [ReleaseRecord] or [RejectRecord] or was caused by
/// one; otherwise it is released, because a failure nobody foresaw may well be the worker's own.
public sealed interface Settlement {

    /// Done; the record is never delivered again.
    record Accept() implements Settlement {}

    /// Not done here; the record is delivered again, to whoever asks first. Costs one delivery of the few that
    /// the broker allows.
    record Release(String reason) implements Settlement {}

    /// Will never be done; the record is gone without a trace. Write the dead letter first.
    record Reject(String reason) implements Settlement {}

    /// The settlement that a refusal asks for.
    ///
    /// @param metadata of the refusal, null for none
    static Settlement ofRefusal(Throwable failure, Metadata metadata) {
        if (metadata != null) {
            for (Object item : metadata) {
                if (item instanceof Settlement settlement) {
                    return settlement;
                }
            }
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RejectRecord) {
                return new Reject(cause.getMessage());
            }
            if (cause instanceof ReleaseRecord) {
                return new Release(cause.getMessage());
            }
        }
        return new Release(String.valueOf(failure));
    }
}
