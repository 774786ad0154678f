package dev.sotto.media;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.CallId;

/// The signed request of the `<Redirect>` that follows a stream.
///
/// @param call the call our TwiML named in the redirect's address
/// @param callStatus Twilio's word, such as `in-progress` or `completed`
public record StreamEnded(String accountSid, String callSid, CallId call, String callStatus) {
    public StreamEnded {
        requireNonNull(accountSid, "accountSid");
        requireNonNull(callSid, "callSid");
        requireNonNull(call, "call");
        requireNonNull(callStatus, "callStatus");
    }
}
