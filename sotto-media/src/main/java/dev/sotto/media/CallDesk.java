package dev.sotto.media;

import dev.sotto.core.SensitiveText;
import java.util.Optional;

/// Who answers calls. The edge authenticates, parses and limits; the desk decides.
///
/// Thread-safe. Each method may block and is called on a virtual thread of its own, never on an event loop. A
/// method that throws, or is later than [EdgeLimits#deskTimeout()], counts as a refusal: nobody is connected.
public interface CallDesk {
    /// The secret with which Twilio signs requests of this account, or empty for an account that is not ours.
    Optional<SensitiveText> authToken(String accountSid);

    /// A signed voice webhook: someone calls.
    Answer answer(IncomingCall call);

    /// A stream that names itself and brings custom parameters. The desk checks the one-time token among them.
    /// Until this returns a listener nothing of the stream's audio is used; empty closes the socket.
    ///
    /// If the edge has given up meanwhile, the listener that is returned only sees [LegListener#closed].
    Optional<LegListener> connect(StreamStart start, CallLeg leg);

    /// A session of a carrier that transcribes and speaks, as [Answer.Relay] asked for. As [#connect]: nothing of it is
    /// used until this returns a listener.
    ///
    /// @param start its id in place of the stream's
    default Optional<RelayListener> relay(StreamStart start, RelayPeer peer) {
        return Optional.empty();
    }

    /// The signed request of the `<Redirect>` behind the stream: the stream is over, the caller may still be there.
    AfterStream after(StreamEnded ended);

    /// Something was refused. Called one at a time and in order from a bounded queue; refusals beyond it are only
    /// counted.
    void refused(Refusal refusal);
}
