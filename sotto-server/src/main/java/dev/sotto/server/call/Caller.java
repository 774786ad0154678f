package dev.sotto.server.call;

import java.time.Duration;
import java.util.Optional;

/// What the person on the line does. Asked every 20 ms on the thread of the call; must not block.
interface Caller {
    /// The next 20 ms.
    Move next(Hearing hearing);

    /// What the caller hears of the agent just now.
    ///
    /// @param since the call began
    /// @param speaking whether the agent is heard
    /// @param lasting how long it has been speaking, or quiet
    /// @param answered whether the agent has spoken since the last key, or since the call began
    record Hearing(Duration since, boolean speaking, Duration lasting, boolean answered) {}

    /// What the caller does.
    ///
    /// @param frame 160 bytes of mu-law
    /// @param key a key pressed now
    /// @param hangsUp whether the call ends here
    record Move(Frame frame, Optional<Character> key, boolean hangsUp) {
        static Move says(Frame frame) {
            return new Move(frame, Optional.empty(), false);
        }
    }
}
