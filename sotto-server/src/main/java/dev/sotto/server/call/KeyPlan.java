package dev.sotto.server.call;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.server.node.ServerError;
import java.util.ArrayList;
import java.util.List;

/// What a caller keys, in groups that are typed in one go. What is keyed identifies people, so it prints as
/// nothing.
///
/// @param groups each 1 to 64 of `0` to `9`, `*`, `#`, `A` to `D`
public record KeyPlan(List<SensitiveText> groups) {
    static final String KEYS = "0123456789*#ABCD";
    private static final int MAX_KEYS = 256;
    private static final char ENDS_GROUP = '#';
    private static final KeyPlan NONE = new KeyPlan(List.of());

    public KeyPlan {
        groups = List.copyOf(groups);
    }

    /// Keys nothing.
    public static KeyPlan none() {
        return NONE;
    }

    /// Reads a line such as `19840512#4417#`: a group ends after `#`, and where there is a space.
    ///
    /// @throws RejectedException if there is another character or there are over 256 keys; the message says
    /// where, never what
    public static KeyPlan parse(String digits) {
        var groups = new ArrayList<SensitiveText>();
        var group = new StringBuilder();
        int keys = 0;
        for (int i = 0; i < digits.length(); i++) {
            char key = digits.charAt(i);
            if (key != ' ') {
                if (KEYS.indexOf(key) < 0) {
                    throw new RejectedException(
                            ServerError.ARGUMENT_INVALID,
                            "dtmf (character %d) is no key\nhint: keys are 0 to 9, *, #, A to D; a space ends a group"
                                    .formatted(i + 1));
                }
                group.append(key);
                keys++;
            }
            if ((key == ENDS_GROUP || key == ' ') && !group.isEmpty()) {
                groups.add(SensitiveText.of(group.toString()));
                group.setLength(0);
            }
        }
        if (!group.isEmpty()) {
            groups.add(SensitiveText.of(group.toString()));
        }
        if (keys > MAX_KEYS) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID, "dtmf (%d keys) must have at most %d".formatted(keys, MAX_KEYS));
        }
        return new KeyPlan(groups);
    }

    /// All keys of all groups.
    int keys() {
        return groups.stream().mapToInt(SensitiveText::length).sum();
    }

    @Override
    public String toString() {
        return "KeyPlan[" + groups.size() + " groups]";
    }
}
