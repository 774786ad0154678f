package dev.sotto.guard;

import dev.sotto.core.RejectedException;
import java.util.ArrayList;
import java.util.List;

/// Collects what is wrong with a policy and a register, so that all of it is said at once. Not thread-safe.
final class Problems {
    private static final int MAX_LISTED = 100;

    private final List<String> found = new ArrayList<>();
    private int count;

    void add(String path, String rule) {
        count++;
        if (found.size() < MAX_LISTED) {
            found.add(path + " " + rule);
        }
    }

    /// Goes on only if there is no problem.
    ///
    /// @throws RejectedException with all of them
    void finish() {
        if (count > 0) {
            throw new RejectedException(
                    GuardError.RULES_INVALID,
                    "policy and register have %d problem%s:%n  %s%nhint: docs/guides/policy.md lists every key"
                            .formatted(
                                    count, count == 1 ? "" : "s", String.join(System.lineSeparator() + "  ", found)));
        }
    }
}
