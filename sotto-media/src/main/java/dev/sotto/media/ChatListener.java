package dev.sotto.media;

import dev.sotto.core.SensitiveText;

/// Hears what happens on the socket of a chat. Called on an event loop: an implementation must not block, must not
/// throw, and must hand over through something bounded. `opened` is the first call, `closed` the last, both with the
/// same peer; a chat that moves to another socket is opened there before it is closed here.
public interface ChatListener {
    /// The socket can be written to.
    ///
    /// @param seen the number of the last frame that the visitor has seen; 0 for none
    void opened(ChatPeer peer, long seen);

    /// The visitor wrote something.
    ///
    /// @param id the visitor's own, 1 to 64 letters, digits, hyphens or underscores; the same for the same message
    void message(String id, SensitiveText text);

    /// The visitor is done.
    void end();

    void closed(ChatPeer peer);
}
