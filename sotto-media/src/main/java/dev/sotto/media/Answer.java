package dev.sotto.media;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.CallId;
import dev.sotto.core.SensitiveText;

/// What the desk says to an incoming call.
public sealed interface Answer {
    /// Connect the caller to a stream that will bring `token` (1 to 256 printable ASCII characters) as its custom
    /// parameter `token`, and `call` as `call`.
    record Connect(CallId call, SensitiveText token) implements Answer {
        public Connect {
            requireNonNull(call, "call");
            StreamToken.check(token);
        }
    }

    /// Have the carrier transcribe and speak: the caller hears `greeting` whole, then the session brings `token` and
    /// `call` as its custom parameters.
    record Relay(CallId call, SensitiveText token, String greeting) implements Answer {
        public Relay {
            requireNonNull(call, "call");
            StreamToken.check(token);
            requireNonNull(greeting, "greeting");
        }
    }

    /// Do not take the call; Twilio charges nothing.
    record Refuse(RejectReason reason) implements Answer {
        public Refuse {
            requireNonNull(reason, "reason");
        }
    }

    /// What the caller hears of a refusal, as TwiML's `<Reject>` knows it.
    enum RejectReason {
        /// A message that the number is not in service.
        REJECTED,
        /// The busy tone.
        BUSY
    }
}
