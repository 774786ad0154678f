package dev.sotto.agent;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/// What is made of calls once they ended.
///
/// @param nodeId who does the work, as rows name it
/// @param summary whether summaries are wanted
/// @param analytics whether sentiment and lead score are wanted
/// @param look how often this node looks for work
/// @param retry how long it waits after the first failure; three times as long after each further one
public record WrapUpConfig(String nodeId, boolean summary, boolean analytics, Duration look, Duration retry) {
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofSeconds(5);

    public WrapUpConfig {
        requireNonNull(nodeId, "nodeId");
        if (!look.isPositive() || !retry.isPositive()) {
            throw new IllegalArgumentException("look (%s) and retry (%s) must be positive".formatted(look, retry));
        }
    }

    public static WrapUpConfig of(String nodeId, boolean summary, boolean analytics) {
        return new WrapUpConfig(nodeId, summary, analytics, LOOK, RETRY);
    }
}
