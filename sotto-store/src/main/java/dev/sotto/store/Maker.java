package dev.sotto.store;

import static java.util.Objects.requireNonNull;

/// Who made an insight, and why not somebody better.
///
/// @param by such as `rules-1` or `model llama3.2`; printable ASCII, at most 200 characters
/// @param reason a code that says why no model made it, such as `no_model`; empty if one did
public record Maker(String by, String reason) {
    public Maker {
        requireNonNull(by, "by");
        requireNonNull(reason, "reason");
        if (!by.matches("[ -~]{1,200}") || !reason.matches("[a-z0-9_]{0,64}")) {
            throw Fields.rejected("by must be printable ASCII, and reason a code");
        }
    }
}
