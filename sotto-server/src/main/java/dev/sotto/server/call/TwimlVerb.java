package dev.sotto.server.call;

import dev.sotto.core.SensitiveText;
import java.net.URI;
import java.util.Map;

/// One instruction of a server's answer, in TwiML (twilio.com/docs/voice/twiml).
sealed interface TwimlVerb {
    /// `<Connect><Stream>`: a bidirectional stream to `url`.
    record Stream(URI url, Map<String, SensitiveText> parameters) implements TwimlVerb {
        public Stream {
            parameters = Map.copyOf(parameters);
        }
    }

    /// Ask `url` what comes next.
    record Redirect(URI url, String method) implements TwimlVerb {}

    /// Put the caller through.
    record Dial(String number) implements TwimlVerb {}

    record Hangup() implements TwimlVerb {}

    /// Do not take the call.
    record Reject(String reason) implements TwimlVerb {}

    /// Read `text` to the caller with the carrier's own voice.
    record Say(String text) implements TwimlVerb {}

    /// Something this caller does not play.
    record Other(String name) implements TwimlVerb {}
}
