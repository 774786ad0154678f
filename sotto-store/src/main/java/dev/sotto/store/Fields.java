package dev.sotto.store;

import dev.sotto.core.RejectedException;
import java.util.regex.Pattern;

/// The rules of clear fields. Messages name the field and the rule, never the value.
final class Fields {
    private static final Pattern E164 = Pattern.compile("\\+[1-9][0-9]{6,14}");
    private static final Pattern CODE = Pattern.compile("[a-z][a-z0-9-]{0,63}");

    private Fields() {}

    static void text(String field, String value, int maxLength) {
        if (value.isBlank() || value.length() > maxLength) {
            throw rejected("%s must have 1 to %d characters".formatted(field, maxLength));
        }
    }

    static void code(String field, String value) {
        if (!CODE.matcher(value).matches()) {
            throw rejected("%s must be 1 to 64 lower-case letters, digits or hyphens".formatted(field));
        }
    }

    static void e164(String field, String value) {
        if (!E164.matcher(value).matches()) {
            throw rejected("%s must be a number in E.164 form, such as +14155550100".formatted(field));
        }
    }

    static void hash(String field, byte[] value) {
        if (value.length != 32) {
            throw new IllegalArgumentException("%s must be 32 bytes".formatted(field));
        }
    }

    static int limit(int limit, int most) {
        if (limit < 1 || limit > most) {
            throw rejected("limit (%d) must be 1 to %d".formatted(limit, most));
        }
        return limit;
    }

    static RejectedException rejected(String message) {
        return new RejectedException(StoreError.FIELD_INVALID, message);
    }
}
