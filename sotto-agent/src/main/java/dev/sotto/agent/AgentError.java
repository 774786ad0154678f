package dev.sotto.agent;

import dev.sotto.core.ErrorCode;

/// Why the agent refused or failed.
public enum AgentError implements ErrorCode {
    /// A clip that the receptionist can say is not shipped or is damaged.
    CLIP_MISSING,
    /// All call slots of this node are in use.
    CALL_LIMIT_REACHED,
    /// More work runs beside a call than is allowed.
    CALL_WORK_LIMIT_REACHED,
    /// The arguments of a tool are not what its schema says.
    MALFORMED_ARGUMENTS,
    /// What a model would be told does not fit the tools of this program.
    VERTICAL_UNUSABLE,
    /// A model did not answer within the patience that a caller has.
    MODEL_TOO_SLOW,
    /// A model said more in one answer than anybody would listen to.
    MODEL_TOO_LONG,
    /// The words that go with an answer's sound did not come, or were not judged, in time.
    HELD_TOO_LONG,
    /// A model ended its answer as failed.
    ANSWER_FAILED,
    /// Register or policy let nothing go to a provider at all.
    OUT_OF_POLICY,
    /// The audit log did not take a disclosure, so nothing was sent.
    DISCLOSURE_UNRECORDED
}
