package dev.sotto.keys;

/// Where a key stands in its life, as in NIST SP 800-57 part 1 section 7. Stored by name.
public enum KeyState {
    /// Made, not yet in use.
    PRE_ACTIVATION(false, false),
    /// In use for sealing and opening.
    ACTIVE(true, true),
    /// Replaced: opens, never seals.
    DEACTIVATED(false, true),
    /// May be known to others: opens what must be resealed, never seals.
    COMPROMISED(false, true),
    /// Gone.
    DESTROYED(false, false);

    private final boolean seals;
    private final boolean opens;

    KeyState(boolean seals, boolean opens) {
        this.seals = seals;
        this.opens = opens;
    }

    /// True if the key may protect something new.
    public boolean seals() {
        return seals;
    }

    /// True if the key may recover what it protects.
    public boolean opens() {
        return opens;
    }
}
