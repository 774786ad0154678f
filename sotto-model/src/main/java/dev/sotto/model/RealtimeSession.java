package dev.sotto.model;

import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import java.time.Duration;
import java.util.Optional;

/// A conversation with a realtime speech model. One thread takes events; any thread may do the rest, none of which
/// waits for the network. A session that failed stays failed: a new one is opened with the conversation as the guard
/// allows it then; audio is never sent twice.
///
/// The model never responds unless [#respond()] asked it to. A response that it begins on its own is cancelled and
/// nothing of it is given.
public interface RealtimeSession extends AutoCloseable {
    /// The next event; empty if none came within `patience`. Events that came before a failure are given first.
    ///
    /// @throws SottoException with a [ModelError] if the session is over
    Optional<RealtimeEvent> next(Duration patience);

    /// Sends what the caller says, if the passage is open when the frame leaves; one frame is one unit of the passage.
    /// If the network is late the oldest frame is dropped and counted.
    ///
    /// @param frame mu-law, or PCM16 of 8 kHz if the session speaks PCM; at most 1 s
    Hearing hear(AudioChunk frame);

    /// Ends the caller's turn now, without waiting for silence.
    void commit();

    /// Forgets audio that is not part of a turn yet.
    void forget();

    /// Adds a message at the end of the conversation.
    void tell(AllowedMessage message);

    /// Puts a message in the place of an item, such as guarded words in the place of what was heard.
    void replace(String itemId, AllowedMessage message);

    /// Removes an item.
    void delete(String itemId);

    /// Asks for an item again.
    void retrieve(String itemId);

    /// Cuts an item of the agent to what the caller heard of it.
    void truncate(String itemId, int contentIndex, Duration heard);

    /// Asks for a response.
    ///
    /// @throws UnavailableException if four that were asked for have not begun
    void respond();

    /// Ends a response.
    void cancel(String responseId);

    /// Drops the audio that the provider still plays (WebRTC and SIP only).
    void clearOutput();

    /// Gives other instructions and tools; messages of the request are not told.
    void instruct(ChatRequest request);

    @Override
    void close();

    /// What became of a frame.
    enum Hearing {
        /// It waits to be sent.
        TAKEN,
        /// It waits to be sent, and the oldest that waited was dropped.
        TAKEN_FOR_OLDEST,
        /// The passage is not open: the session is over.
        REFUSED,
        /// The session is over.
        ENDED
    }
}
