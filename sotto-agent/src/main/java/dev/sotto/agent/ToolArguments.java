package dev.sotto.agent;

import dev.sotto.agent.ToolResult.Why;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import java.util.Map;

/// What a tool is called with, held against what the tool takes.
sealed interface ToolArguments {
    /// Each has a known name and a value whose whole fits its pattern, and none is missing.
    record Fit(Map<String, String> values) implements ToolArguments {
        @Override
        public String toString() {
            return "Fit[REDACTED]";
        }
    }

    /// The tool must not run.
    record Unfit(Why why) implements ToolArguments {}

    static ToolArguments check(Tool tool, SensitiveText json) {
        Map<String, String> arguments;
        try {
            arguments = ToolJson.arguments(json);
        } catch (RejectedException malformed) {
            return new Unfit(Why.MALFORMED_ARGUMENT);
        }
        for (var entry : arguments.entrySet()) {
            var argument = tool.argument(entry.getKey());
            if (argument.isEmpty()) {
                return new Unfit(Why.UNKNOWN_ARGUMENT);
            }
            if (!argument.get().pattern().matcher(entry.getValue()).matches()) {
                return new Unfit(Why.MALFORMED_ARGUMENT);
            }
        }
        return tool.complete(arguments.keySet()) ? new Fit(arguments) : new Unfit(Why.MALFORMED_ARGUMENT);
    }
}
