package dev.sotto.media;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.SensitiveText;
import java.util.Map;

/// A signed voice webhook. Sids are well-formed; the rest is what Twilio sent, cut to limits.
///
/// @param from the caller's number or SIP address, empty if withheld
/// @param to the number that was called
/// @param parameters what else Twilio said that names nobody: `ApiVersion`, `CallStatus`, `Direction`,
///     `StirVerstat`
public record IncomingCall(
        String accountSid, String callSid, SensitiveText from, String to, Map<String, String> parameters) {
    public IncomingCall {
        requireNonNull(accountSid, "accountSid");
        requireNonNull(callSid, "callSid");
        requireNonNull(from, "from");
        requireNonNull(to, "to");
        parameters = Map.copyOf(parameters);
    }
}
