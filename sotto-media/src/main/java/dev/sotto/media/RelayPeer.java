package dev.sotto.media;

import dev.sotto.core.SensitiveText;

/// A carrier that transcribes and speaks, as the agent holds it. Thread-safe, never blocks. After it closed its methods
/// do nothing.
public interface RelayPeer {
    /// Has the carrier speak `text`, after what it was given before.
    void say(SensitiveText text);

    /// Ends the session; the carrier goes on with the TwiML behind it.
    ///
    /// @param handoff told to whatever takes over; holds codes only
    void end(String handoff);
}
