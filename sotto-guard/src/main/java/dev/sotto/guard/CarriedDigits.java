package dev.sotto.guard;

import java.util.Optional;

/// What a turn leaves open for the next one: a number that was begun, or the word that announces one. Bounded.
///
/// @param type what the number is, as far as a word or a question said
/// @param digits what was said of it so far; protected
/// @param turns over how many turns it grew
record CarriedDigits(Optional<EntityType> type, String digits, int turns) {
    static final CarriedDigits NONE = new CarriedDigits(Optional.empty(), "", 0);

    private static final int MAX_DIGITS = 24;
    private static final int MAX_TURNS = 6;

    boolean isOpen() {
        return type.isPresent() || !digits.isEmpty();
    }

    /// With more of the number; nothing once it is too long to be one.
    CarriedDigits with(Optional<EntityType> known, String more) {
        String all = digits + more;
        if (all.length() > MAX_DIGITS || turns == MAX_TURNS) {
            return NONE;
        }
        return new CarriedDigits(known.or(() -> type), all, turns + 1);
    }

    @Override
    public String toString() {
        return "CarriedDigits[%d digits]".formatted(digits.length());
    }
}
