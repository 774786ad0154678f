package dev.sotto.store;

import dev.sotto.core.IntegrityException;

/// Codes in rows.
final class Codes {
    private Codes() {}

    /// @throws IntegrityException if the row holds a code that no version of Sotto wrote
    static <E extends Enum<E>> E of(Class<E> type, String name) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(name)) {
                return constant;
            }
        }
        throw new IntegrityException(
                StoreError.ROW_MISMATCH, "a row holds an unknown %s".formatted(type.getSimpleName()));
    }
}
