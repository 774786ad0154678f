package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import java.time.Duration;
import java.util.function.Consumer;

/// What talks with the caller of one call through models. Runs beside the call loop and tells it by events; no method
/// blocks or throws. Thread-safe.
interface Talk extends AutoCloseable {
    /// How it answers, as rows name it.
    String mode();

    /// Whether what the caller says now is for it. At first it is not.
    void listen(boolean now);

    /// A frame of the caller's voice, on the edge's thread. The array is not kept.
    void audio(byte[] mulaw);

    /// The caller's speech has begun, or is over, on the edge's thread, after its frames.
    ///
    /// @param at time since the start of the stream
    void speech(boolean speaking, Duration at);

    /// Answers what the caller said or keyed. What was being answered before is of no interest any more.
    ///
    /// @param generation of everything that comes of it
    /// @param heard empty to go on with what was asked before, if that was not answered
    void answer(long generation, SensitiveText heard);

    /// Nothing more of what is being said will be heard.
    void hush();

    /// The first frame of a sentence is on its way to the caller. On the edge's thread.
    ///
    /// @param sentence its number
    void begun(long sentence);

    /// A sentence was heard, to its end or cut off there.
    void heard(SentenceLog.Sentence sentence);

    /// Ends whatever runs. Waits for nothing.
    @Override
    void close();

    /// Opens the talk of one call.
    interface Source {
        Talk open(Consumer<CallEvent> loop, ToolDesk tools);
    }
}
