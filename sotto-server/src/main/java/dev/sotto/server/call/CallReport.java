package dev.sotto.server.call;

import dev.sotto.core.CallId;
import dev.sotto.core.SottoException;
import java.time.Duration;
import java.util.Optional;

/// How a call went, as the caller knows it.
///
/// @param callSid the carrier's name of it
/// @param call the server's name of it, if its answer gave one
/// @param length from the first request to the end
public record CallReport(String callSid, Optional<CallId> call, Ending ending, Duration length, Optional<Heard> heard) {

    /// What went over the stream.
    ///
    /// @param played agent audio that was played to the caller
    /// @param spoken the part of it that was not silent
    /// @param cleared agent audio that came but was cleared before the caller heard it
    /// @param gaps how often audio came too late to be played without a break
    /// @param keys that were typed
    /// @param frames of 20 ms of the caller's voice that were due
    public record Heard(
            Duration played,
            Duration spoken,
            Duration cleared,
            int marks,
            int clears,
            int gaps,
            int keys,
            long frames) {}

    /// Who ended the call, and how.
    public sealed interface Ending {
        /// The caller hung up.
        record HungUp() implements Ending {}

        /// The server ended it.
        record Ended() implements Ending {}

        /// The server had the caller put through to `number`.
        record Transferred(String number) implements Ending {}

        /// The server did not take the call.
        record Refused(String reason) implements Ending {}

        /// It broke.
        record Failed(SottoException failure) implements Ending {}
    }
}
