package dev.sotto.keys;

/// The oldest versions of a slot that may still be used. A floor never moves back.
///
/// @param sealsFrom nothing older seals; 0 if the slot never had a key
/// @param opensFrom nothing older opens; 1 if all that are there may
public record KeyFloor(int sealsFrom, int opensFrom) {
    static final KeyFloor NONE = new KeyFloor(0, 1);

    public KeyFloor {
        if (sealsFrom < 0 || opensFrom < 1) {
            throw new IllegalArgumentException(
                    "sealsFrom (%d) must be at least 0 and opensFrom (%d) at least 1".formatted(sealsFrom, opensFrom));
        }
    }
}
