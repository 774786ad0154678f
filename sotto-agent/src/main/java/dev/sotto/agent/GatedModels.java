package dev.sotto.agent;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.Passage;
import dev.sotto.core.SottoException;
import dev.sotto.model.ChatRequest;
import dev.sotto.model.RealtimeSession;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/// The model that hears and speaks with a caller in gated mode: the provider gets the caller's sound, and what it says
/// is held until its words passed the guard.
///
/// @param destination the provider's id in the register of sub-processors
/// @param wide whether its sessions speak PCM and not mu-law
/// @param usable whether the provider answers, as far as is known; a call that begins without it goes to the keypad
/// @param patience how long the words of what a caller said may take once it is over
/// @param hold how long sound may wait for the words that cover it
public record GatedModels(
        Sessions sessions, String destination, boolean wide, BooleanSupplier usable, Duration patience, Duration hold)
        implements TalkModels {
    /// How calls are answered in this mode, as rows and audit entries name it.
    public static final String MODE = "gated";

    /// Opens sessions.
    @FunctionalInterface
    public interface Sessions {
        /// Blocks until the session is set up and knows the conversation.
        ///
        /// @throws SottoException if there is none
        RealtimeSession open(ChatRequest request, Passage passage);
    }

    public GatedModels {
        requireNonNull(sessions, "sessions");
        requireNonNull(destination, "destination");
        requireNonNull(usable, "usable");
        if (!patience.isPositive() || !hold.isPositive()) {
            throw new IllegalArgumentException("patience and hold must be positive");
        }
    }

    @Override
    public String mode() {
        return MODE;
    }
}
