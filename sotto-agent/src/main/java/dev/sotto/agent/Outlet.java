package dev.sotto.agent;

import java.time.Duration;
import java.util.Optional;

/// Where the agent's words go, and what is known of how much of them was taken in. Belongs to the call loop's thread.
interface Outlet {
    /// Says `phrase` after what is being said. False if no more is taken.
    boolean say(Phrase phrase);

    /// Says a piece of a sentence after what is being said. False if no more is taken.
    boolean say(Spoken spoken);

    /// Stops what is being said, if anything is.
    void hush();

    /// Notes how far the caller heard what was being said.
    void cut();

    /// A mark came back. True if with it all that was said has been heard; false for a mark of something cleared.
    boolean played(String mark);

    /// What waits for no mark has had its time. True if there was any.
    boolean playedUnmarked();

    /// How long until all of it should have been heard; empty if nothing is being said.
    Optional<Duration> left();

    /// The mark after which all will have been heard.
    Optional<String> lastMark();
}
