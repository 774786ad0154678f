package dev.sotto.media;

import dev.sotto.core.SensitiveText;

/// Hears what a carrier that transcribes and speaks tells of a call. Called on an event loop: an implementation must
/// not block, must not throw, and must hand over through something bounded. `closed` is the last call, and happens
/// once.
public interface RelayListener {
    /// What the caller said, whole, as the carrier made it out.
    void prompt(SensitiveText text);

    /// A key: `0` to `9`, `*` or `#`.
    void dtmf(char digit);

    /// The caller interrupted what was being said.
    ///
    /// @param heard what had been said of the last words; may be empty
    void interrupted(SensitiveText heard);

    void closed(CloseReason reason);
}
