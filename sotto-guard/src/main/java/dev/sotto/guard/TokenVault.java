package dev.sotto.guard;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The tokens of one call and what they stand for. Holds protected text in memory, nowhere else. Not thread-safe.
final class TokenVault {
    static final int MAX_TOKENS = 256;

    private final Map<Key, String> tokens = new HashMap<>();
    private final Map<String, Entry> entries = new HashMap<>();
    private final Map<EntityType, Integer> numbers = new HashMap<>();

    private record Key(EntityType type, String value) {}

    /// What a token stands for.
    ///
    /// @param said as it was first said
    /// @param value in its normal form
    record Entry(EntityType type, String said, String value) {
        @Override
        public String toString() {
            return "Entry[" + type + "]";
        }
    }

    /// The token of a value: always the same one. Empty when the vault is full or the type may not be brought back.
    Optional<String> token(EntityType type, String value, String said) {
        if (type.neverKept() || value.isEmpty()) {
            return Optional.empty();
        }
        var key = new Key(type, value);
        String known = tokens.get(key);
        if (known != null) {
            return Optional.of(known);
        }
        if (tokens.size() >= MAX_TOKENS) {
            return Optional.empty();
        }
        String token = Placeholder.token(type, numbers.merge(type, 1, Integer::sum));
        tokens.put(key, token);
        entries.put(token, new Entry(type, said, value));
        return Optional.of(token);
    }

    /// What a token stands for; nothing for one that was never given.
    Optional<Entry> find(String token) {
        return Optional.ofNullable(entries.get(token));
    }

    int size() {
        return tokens.size();
    }

    void forget() {
        tokens.clear();
        entries.clear();
        numbers.clear();
    }
}
