package dev.sotto.media;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.CallId;
import dev.sotto.core.SensitiveText;
import java.util.regex.Pattern;

/// What becomes of a caller whose stream is over.
public sealed interface AfterStream {
    /// The call is done.
    record HangUp() implements AfterStream {}

    /// Put the caller through to an E.164 number, such as `+15551230100`.
    record Dial(String number) implements AfterStream {
        private static final Pattern E164 = Pattern.compile("\\+[1-9][0-9]{6,14}");

        public Dial {
            if (!E164.matcher(number).matches()) {
                throw new IllegalArgumentException("number must be in E.164 form");
            }
        }
    }

    /// Connect the caller again, with a new token as [Answer.Connect] takes it: the node that held the stream was
    /// lost.
    record Reconnect(CallId call, SensitiveText token) implements AfterStream {
        public Reconnect {
            requireNonNull(call, "call");
            StreamToken.check(token);
        }
    }

    /// Say that something went wrong, then hang up.
    record Apologise() implements AfterStream {}
}
