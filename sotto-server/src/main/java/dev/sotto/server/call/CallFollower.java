package dev.sotto.server.call;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/// Prints the turns of a call as the node keeps them. What is protected is shown by its label only: this tool never
/// learns more. Thread-safe.
final class CallFollower implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Map<String, String> WHO = Map.of("agent", "agent", "caller", "caller", "system", "tool");

    private final NodeClient node;
    private final String tenant;
    private final String callId;
    private final PrintWriter out;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean answered;
    private int shown;

    CallFollower(NodeClient node, String tenant, String callId, PrintWriter out) {
        this.node = node;
        this.tenant = tenant;
        this.callId = callId;
        this.out = out;
        this.thread = Thread.ofVirtual().name("call-follower").start(this::follow);
    }

    /// Whether the agent has read out something protected: what the caller wanted to know.
    boolean isAnswered() {
        return answered;
    }

    private void follow() {
        try {
            while (!stop.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                show();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Prints what is new. The words are opened only if there are any.
    synchronized void show() {
        JsonNode call = node.get(path("?turns=false&tenant=" + tenant));
        if (call.path("turnCount").asInt() <= shown) {
            return;
        }
        for (JsonNode turn : node.get(path("?tenant=" + tenant)).path("turns")) {
            if (turn.path("ordinal").asInt() > shown) {
                print(turn);
                shown = turn.path("ordinal").asInt();
            }
        }
    }

    private void print(JsonNode turn) {
        boolean tool = "tool".equals(turn.path("kind").asString(""));
        Duration at = Duration.ofMillis(turn.path("atMillis").asLong());
        String length = tool ? " · " + turn.path("lengthMillis").asLong() + " ms" : "";
        out.printf(
                "  %d:%02d  %-6s  %s%s%n",
                at.toMinutes(),
                at.toSecondsPart(),
                WHO.getOrDefault(turn.path("speaker").asString(""), ""),
                turn.path("text").asString(""),
                length);
        out.flush();
        if ("agent".equals(turn.path("speaker").asString(""))) {
            for (JsonNode part : turn.path("parts")) {
                answered |= part.has("label");
            }
        }
    }

    private String path(String query) {
        return "/api/v1/calls/" + callId + query;
    }

    @Override
    public void close() {
        stop.countDown();
        try {
            thread.join(PATIENCE);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
