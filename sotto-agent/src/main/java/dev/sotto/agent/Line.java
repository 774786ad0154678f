package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import dev.sotto.store.TurnKind;
import dev.sotto.store.TurnText;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// How one call is carried, as its loop uses it: by voice or in text. Belongs to the loop's thread, but for
/// [#position()].
interface Line {
    Outlet outlet();

    /// Time since the call connected.
    Duration position();

    /// How much of what was to be said has not left yet.
    Duration unsent();

    /// How what was heard of a phrase reads in the transcript.
    TurnText words(Phrase phrase, Duration heard);

    /// What the transcript calls words of the caller and of a model.
    TurnKind kind();

    /// The peer stopped saying what it was given.
    ///
    /// @param words what it had said until then; empty if it does not say
    default void interrupted(SensitiveText words) {}

    /// Whether the agent is about to say something that takes its time.
    default void working(boolean now) {}

    /// A tool is done. On any thread.
    default void tool(String name) {}

    /// The message was given in text.
    default void messageTyped() {}

    /// Keeps the sound of the call, from now on.
    void keep();

    void stopKeeping();

    /// What the caller says from now on is a message.
    void startMessage();

    void finishMessage();

    /// Seals what was kept of the sound.
    ///
    /// @return whether a message is among it
    boolean seal(Duration closing) throws InterruptedException;

    void close();

    /// What a line may tell and use.
    ///
    /// @param heard told what was heard of what was said
    /// @param failed told if something could not be kept
    record Ties(
            CallParts parts,
            CallFile file,
            Mailbox mailbox,
            @Nullable Talk talk,
            Consumer<Playback.Heard> heard,
            Runnable failed) {}

    /// Opens the line of one call.
    interface Source {
        Line open(Ties ties);
    }
}
