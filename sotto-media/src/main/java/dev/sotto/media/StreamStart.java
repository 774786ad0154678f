package dev.sotto.media;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.SensitiveText;
import java.util.Map;

/// The `start` message of a stream whose upgrade was signed for `accountSid`. The token is not checked yet.
///
/// @param customParameters the `<Parameter>`s of our own TwiML, bounded in number and size: `token` and `call`
public record StreamStart(
        String accountSid, String callSid, String streamSid, Map<String, SensitiveText> customParameters) {
    public StreamStart {
        requireNonNull(accountSid, "accountSid");
        requireNonNull(callSid, "callSid");
        requireNonNull(streamSid, "streamSid");
        customParameters = Map.copyOf(customParameters);
    }
}
