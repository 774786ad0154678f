package dev.sotto.server.call;

/// When a caller who wants nothing more hangs up. Belongs to one leg; not thread-safe.
final class HangUpRule {
    /// How long the caller goes on listening after the answer.
    private static final long LINGER_NANOS = 1_500_000_000;
    /// How long the caller waits for an agent that says nothing.
    private static final long PATIENCE_NANOS = 12_000_000_000L;

    private final boolean hangsUp;
    private final long end;
    private final AgentEar ear;
    private final Keypad keypad;
    private boolean answered;
    private long answeredAt;
    private boolean told;

    HangUpRule(CallPlan plan, AgentEar ear, Keypad keypad, long start) {
        this.hangsUp = plan.hangsUp();
        this.end = start + plan.longest().toNanos();
        this.ear = ear;
        this.keypad = keypad;
    }

    /// The caller was told to end the call.
    void told() {
        told = true;
    }

    /// Somebody who reads along says that the agent has given an answer. Counts only for what was keyed last.
    void answered(long now) {
        if (keypad.done() && !answered) {
            answered = true;
            answeredAt = now;
        }
    }

    /// @param voiceEnd when the caller's own voice ends or has ended; the end of time while more is to be said
    boolean due(long now, long voiceEnd) {
        if (told || now - end >= 0) {
            return true;
        }
        if (!hangsUp || !keypad.done() || voiceEnd == Long.MAX_VALUE || now - voiceEnd < 0) {
            return false;
        }
        if (answered) {
            return now - Math.max(answeredAt, voiceEnd) >= LINGER_NANOS;
        }
        long quietSince = Math.max(ear.voiceEnd(), voiceEnd);
        return now - quietSince >= (ear.spoke() ? LINGER_NANOS : PATIENCE_NANOS);
    }
}
