package dev.sotto.server.web;

import dev.sotto.store.StaffUser;

/// The step of a sign-in after the password. A user for whom one is required is not signed in by the password
/// alone. Thread-safe.
interface SecondFactor {
    /// Whether `user` must show something more than the password.
    boolean isRequired(StaffUser user);

    /// Nobody has a second factor yet. Whoever is marked as needing one cannot sign in, rather than without it.
    static SecondFactor none() {
        return _ -> false;
    }
}
