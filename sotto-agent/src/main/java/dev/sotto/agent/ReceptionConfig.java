package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import dev.sotto.store.AttemptLimits;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/// How this node answers calls.
///
/// @param nodeId names this node in rows and in the audit log
/// @param accounts the secret of each carrier account whose requests are accepted
/// @param maxCalls how many calls may be connected or about to connect
/// @param tokenLife until when an offered call may connect
/// @param refusalsAudited how many refusals of one reason get an entry of their own in a minute; the rest share one
public record ReceptionConfig(
        String nodeId,
        Map<String, SensitiveText> accounts,
        int maxCalls,
        Duration tokenLife,
        AttemptLimits attempts,
        ReceptionTimes times,
        CallLimits limits,
        int refusalsAudited) {
    private static final Pattern NODE_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    public ReceptionConfig {
        if (!NODE_ID.matcher(nodeId).matches()) {
            throw new IllegalArgumentException("nodeId must be 1 to 64 letters, digits, dots, hyphens or underscores");
        }
        accounts = Map.copyOf(accounts);
        if (maxCalls < 1) {
            throw new IllegalArgumentException("maxCalls (%d) must be at least 1".formatted(maxCalls));
        }
        if (!tokenLife.isPositive()) {
            throw new IllegalArgumentException("tokenLife (%s) must be positive".formatted(tokenLife));
        }
        if (refusalsAudited < 1) {
            throw new IllegalArgumentException("refusalsAudited (%d) must be at least 1".formatted(refusalsAudited));
        }
    }

    public static ReceptionConfig defaults(String nodeId, Map<String, SensitiveText> accounts) {
        return new ReceptionConfig(
                nodeId,
                accounts,
                200,
                Duration.ofSeconds(60),
                AttemptLimits.defaults(),
                ReceptionTimes.defaults(),
                CallLimits.defaults(),
                10);
    }
}
