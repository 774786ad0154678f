package dev.sotto.model;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.SensitiveText;
import java.util.List;

/// A piece of an answer: text, then the tools asked for, then how it ended.
public sealed interface AnswerEvent {
    /// More of the text; never empty. It may end anywhere, in the middle of a word too.
    record TextDelta(SensitiveText text) implements AnswerEvent {
        public TextDelta {
            requireNonNull(text, "text");
        }
    }

    /// All tools that the answer asks for, 1 to 16.
    record ToolCalls(List<ToolCall> calls) implements AnswerEvent {
        public ToolCalls {
            calls = List.copyOf(calls);
        }
    }

    /// The answer is whole.
    record Finished(Reason reason, Usage usage) implements AnswerEvent {
        public Finished {
            requireNonNull(reason, "reason");
            requireNonNull(usage, "usage");
        }
    }

    /// Why an answer ended.
    enum Reason {
        /// The model was done.
        STOP,
        /// The answer reached its greatest length: the last sentence may be cut.
        LENGTH,
        /// The model waits for its tools.
        TOOLS,
        /// The provider's own filter stopped it.
        FILTERED,
        /// Something that this version does not know.
        OTHER
    }

    /// What the provider counted; zero where it did not say.
    record Usage(long inputTokens, long outputTokens) {
        static final Usage NONE = new Usage(0, 0);
    }
}
