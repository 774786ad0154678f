package dev.sotto.keys;

/// Where a key stands in its life, as in NIST SP 800-57 part 1 section 7. Stored by name.
public enum KeyState {
    /// Made, not yet in use.
    PRE_ACTIVATION(false, false),
    /// In use for sealing and opening.
    ACTIVE(true, true),
    /// Replaced: opens, never seals.
    DEACTIVATED(false, true),
    /// Revoked until it is reinstated: neither seals nor opens.
    SUSPENDED(false, false),
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

    /// True if a key in this state may be brought into `next`, as in NIST SP 800-57 part 1 section 7. A suspended key
    /// comes back as what it was: active if it is the newest, else deactivated.
    public boolean mayBecome(KeyState next) {
        return switch (this) {
            case PRE_ACTIVATION -> next == ACTIVE || next == COMPROMISED || next == DESTROYED;
            case ACTIVE -> next == DEACTIVATED || next == SUSPENDED || next == COMPROMISED;
            case DEACTIVATED -> next == SUSPENDED || next == COMPROMISED || next == DESTROYED;
            case SUSPENDED -> next == ACTIVE || next == DEACTIVATED || next == COMPROMISED || next == DESTROYED;
            case COMPROMISED -> next == DESTROYED;
            case DESTROYED -> false;
        };
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
