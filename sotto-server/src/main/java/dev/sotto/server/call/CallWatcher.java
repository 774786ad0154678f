package dev.sotto.server.call;

import dev.sotto.core.CallId;
import dev.sotto.core.SottoException;
import java.util.Optional;

/// Is told how a call goes, while it goes. Where nothing else is said, called on the call's own thread; may block,
/// which delays that call only.
public interface CallWatcher {
    /// The stream is open.
    ///
    /// @param call the server's name of the call, if its answer gave one
    default void streaming(Optional<CallId> call) {}

    /// The caller has heard up to 20 ms of the agent. Called on the clock's thread, which must not be held up; the
    /// array is used again: copy what is kept.
    default void heard(byte[] mulaw, int length) {}

    /// The stream broke without a word; the carrier now asks the server what comes next.
    default void broke(SottoException failure) {}

    /// The server has the carrier say something in the carrier's own voice.
    default void said(String text) {}

    /// The server wants something this caller does not play.
    default void skipped(String verb) {}
}
