package dev.sotto.simulator;

import dev.sotto.core.ErrorCode;

/// Why a simulator cannot be started or a scene cannot be played.
public enum SimulatorError implements ErrorCode {
    /// A scene breaks its schema; the message lists every problem with its path.
    SCENE_INVALID,
    /// No scene of that name is shipped or configured.
    SCENE_UNKNOWN,
    /// A scene file cannot be read or is too large.
    SCENE_UNREADABLE,
    /// The simulator's address cannot be bound.
    SIMULATOR_LISTEN_FAILED,
    /// The key and certificates given to a simulator cannot be used.
    SIMULATOR_TLS_IDENTITY,
    /// A clip of the simulator's voice is not shipped or is damaged.
    SIMULATOR_CLIP_MISSING
}
