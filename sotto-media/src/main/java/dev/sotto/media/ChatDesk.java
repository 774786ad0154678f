package dev.sotto.media;

import dev.sotto.core.SensitiveText;
import java.net.InetAddress;
import java.util.Optional;

/// Who answers chats. The edge authenticates, parses and limits; the desk decides.
///
/// Thread-safe. Each method may block and is called on a virtual thread of its own, never on an event loop. A method
/// that throws, or is later than [EdgeLimits#deskTimeout()], counts as a refusal.
public interface ChatDesk {
    /// Somebody opens a chat. The token connects one socket, once, for a short while.
    ///
    /// @param from where the visitor's socket comes from
    /// @return empty if the visitor, or everybody together, has as many chats as may be
    Optional<SensitiveText> offer(InetAddress from);

    /// A socket that brings a token of [#offer]. Empty if it is wrong, used or expired.
    Optional<ChatListener> connect(SensitiveText token);

    /// A socket that goes on with a chat whose socket was lost, or takes it from another. Empty if there is no such
    /// chat any more.
    ///
    /// @param token the one the chat's [ChatFrame.Hello] gave
    Optional<ChatListener> resume(SensitiveText token);
}
