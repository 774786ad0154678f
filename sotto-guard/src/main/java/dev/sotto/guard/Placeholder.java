package dev.sotto.guard;

import java.util.Optional;

/// What stands in a text in the place of a value: `<PHONE>`, `<PHONE_1>` or `<PHONE:0123...>`. The forms are pinned by
/// `docs/spec/guard-placeholders.md`.
final class Placeholder {
    /// What the normal form of a text has for one, so that its letters and digits mean nothing there.
    static final String MARK = "<>";

    private static final int MAX_LENGTH = 64;

    private Placeholder() {}

    static String ofType(EntityType type) {
        return "<" + type.name() + ">";
    }

    static String token(EntityType type, int number) {
        return "<" + type.name() + "_" + number + ">";
    }

    static String hash(EntityType type, String hex) {
        return "<" + type.name() + ":" + hex + ">";
    }

    /// The end of the placeholder that begins here, exclusive; -1 if none does.
    static int endAt(String text, int start) {
        int limit = Math.min(text.length(), start + MAX_LENGTH);
        if (start >= limit || text.charAt(start) != '<') {
            return -1;
        }
        for (int i = start + 1; i < limit; i++) {
            char c = text.charAt(i);
            if (c == '>') {
                return i > start + 1 && typeOf(text.substring(start + 1, i)).isPresent() ? i + 1 : -1;
            }
            boolean allowed = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
            if (!allowed && c != '_' && c != ':') {
                return -1;
            }
        }
        return -1;
    }

    private static Optional<EntityType> typeOf(String inside) {
        int colon = inside.indexOf(':');
        String name = colon > 0 ? inside.substring(0, colon) : inside;
        int end = name.length();
        while (end > 0 && Character.isDigit(name.charAt(end - 1))) {
            end--;
        }
        boolean numbered = end < name.length() && end > 1 && name.charAt(end - 1) == '_';
        return EntityType.named(numbered ? name.substring(0, end - 1) : name);
    }

    /// Whether a placeholder is a token, which may stand for a value.
    static boolean isToken(String placeholder) {
        char last = placeholder.charAt(placeholder.length() - 2);
        return placeholder.indexOf(':') < 0 && last >= '0' && last <= '9';
    }
}
