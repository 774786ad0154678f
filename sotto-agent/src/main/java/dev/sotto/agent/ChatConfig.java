package dev.sotto.agent;

import dev.sotto.core.TenantId;
import java.time.Duration;

/// How this node answers those who write.
///
/// @param tenant whose chat it is
/// @param scripted whether the answers come from a script, for show, and must be labelled so
/// @param most how many chats may be open, or about to
/// @param mostPerAddress of those, from one address; behind a proxy all share the proxy's
/// @param resumeWithin how long a chat waits for a visitor whose socket was lost
/// @param idle how long the agent waits for a visitor before it asks; after three times it says goodbye
/// @param longest how long a chat may be
public record ChatConfig(
        TenantId tenant,
        boolean scripted,
        int most,
        int mostPerAddress,
        Duration resumeWithin,
        Duration idle,
        Duration longest) {
    public ChatConfig {
        if (most < 1 || mostPerAddress < 1) {
            throw new IllegalArgumentException(
                    "most (%d) and mostPerAddress (%d) must be at least 1".formatted(most, mostPerAddress));
        }
        if (!resumeWithin.isPositive() || !idle.isPositive() || !longest.isPositive()) {
            throw new IllegalArgumentException("resumeWithin, idle and longest must be positive");
        }
    }

    /// The same, labelled as scripted or not.
    public ChatConfig scripted(boolean now) {
        return new ChatConfig(tenant, now, most, mostPerAddress, resumeWithin, idle, longest);
    }

    ReceptionTimes times(ReceptionTimes keys) {
        return new ReceptionTimes(idle, idle, longest, longest, keys.markGrace(), keys.misses(), keys.identityFloor());
    }

    CallLimits limits(CallLimits calls) {
        return new CallLimits(longest, calls.turns(), calls.waitingEvents(), calls.workBeside(), calls.closing());
    }
}
