package dev.sotto.agent;

import dev.sotto.core.DataClass;
import dev.sotto.core.SottoException;
import dev.sotto.model.ToolCall;
import java.time.Duration;
import java.util.List;

/// The tools of a call as a model may use them: what it hands them is decided like any other act. Thread-safe; blocks.
final class GuardedTools {
    /// The tools of this node, as a destination.
    static final String DESTINATION = "local-tools";

    static final String ARGUMENTS = "tool-arguments";

    /// Told of each tool that is done.
    interface Done {
        void tool(String name, ToolResult result, Duration took);
    }

    private final TurnGuard guard;
    private final ToolDesk tools;

    GuardedTools(TurnGuard guard, ToolDesk tools) {
        this.guard = guard;
        this.tools = tools;
    }

    /// Runs what a model asked for. Tokens become values by the decision on its arguments.
    ///
    /// @throws SottoException if nothing may go to the tools now, or the decision could not be recorded
    ToolResult run(ToolCall call, Done done) {
        long began = System.nanoTime();
        var result = guard.decide(DESTINATION, DataClass.TURN_CONTEXT, ARGUMENTS, List.of(call.arguments()))
                .map(allowed -> tools.run(call.name(), allowed.pieces().getFirst()))
                .orElseGet(() -> new ToolResult.Refused(ToolResult.Why.NOT_ALLOWED));
        done.tool(call.name(), result, Duration.ofNanos(System.nanoTime() - began));
        return result;
    }

    /// Whether the call goes on without the model.
    static boolean moves(ToolResult result) {
        return switch (result) {
            case ToolResult.TakingMessage _, ToolResult.Transferring _, ToolResult.Locked _, ToolResult.Unavailable _ ->
                true;
            default -> false;
        };
    }
}
