package dev.sotto.media;

/// Hears what happens on a leg. Called on an event loop or on the media clock: an implementation must not block,
/// must not throw, and must hand over through something bounded. `audio`, `dtmf` and `mark` come from one thread
/// at a time, `heard` from another. `closed` is the last call, and happens once.
///
/// Arrays belong to the edge and are reused: copy what is kept before returning.
public interface LegListener {
    /// The caller's audio.
    ///
    /// @param timestampMillis when it starts, in milliseconds since the start of the stream by Twilio's count
    /// @param mulaw 8 kHz mu-law, commonly 160 bytes; valid during this call only
    void audio(long timestampMillis, byte[] mulaw);

    /// A frame of the agent's audio that the caller has heard: its slot has passed and no clear cut it. Gaps
    /// between frames were silent.
    ///
    /// @param positionMillis when it started, in milliseconds since the start of the stream; always a multiple of
    ///     20
    /// @param mulaw 160 bytes; valid during this call only
    void heard(long positionMillis, byte[] mulaw);

    /// A key: `0` to `9`, `*`, `#` or `A` to `D`.
    void dtmf(char digit);

    /// The caller heard everything before this mark, or it was cleared.
    void mark(String name);

    void closed(CloseReason reason);
}
