package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.core.UserId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Who may sign in, their sessions, and the one-time links that make the first of them. Tokens are kept as SHA-256
/// hashes only. Thread-safe; blocks on the database, the keys and the audit log.
public final class Staff {
    /// Whether the tenant has nobody who could sign in yet.
    public boolean setupRequired(TenantId tenant) {
        return Unfinished.value(tenant.toString());
    }

    /// Lets whoever holds the token make the tenant's first user, once, until `expires`. An earlier token of the
    /// tenant ends. Audited `staff.setup_offered`.
    ///
    /// @param tokenHash SHA-256 of the token, 32 bytes
    public void offerSetup(TenantId tenant, byte[] tokenHash, Instant expires, ActorId actor) {
        Unfinished.value(tenant.toString());
    }

    /// The tenant whose setup the token opens. Does not use it up.
    public Optional<TenantId> setupTenant(byte[] tokenHash, Instant now) {
        return Unfinished.value(now.toString());
    }

    /// Uses the token up and makes the tenant's first user, an [StaffRole#ADMIN]. Empty if the token is wrong,
    /// used or expired, or the tenant has a user. Audited `staff.created`.
    public Optional<StaffUser> completeSetup(
            byte[] tokenHash, SensitiveText email, SensitiveText passwordHash, Instant now) {
        return Unfinished.value(now.toString());
    }

    /// Makes a user. Audited `staff.created` with the digest of the sealed address.
    ///
    /// @throws dev.sotto.core.ConflictException if somebody on this installation has the address
    public StaffUser create(
            TenantId tenant, SensitiveText email, SensitiveText passwordHash, StaffRole role, ActorId actor) {
        return Unfinished.value(tenant.toString());
    }

    /// Who has the address, in any letter case, on this installation. Audited `staff.searched`.
    public Optional<StaffUser> byEmail(SensitiveText email, ActorId actor) {
        return Unfinished.value(actor.toString());
    }

    public Optional<StaffUser> find(TenantId tenant, UserId user, ActorId actor) {
        return Unfinished.value(user.toString());
    }

    /// Every user of a tenant, oldest first. Audited `staff.listed`.
    public List<StaffUser> list(TenantId tenant, ActorId actor) {
        return Unfinished.value(tenant.toString());
    }

    /// Begins a session; the user's earlier one ends. Audited `staff.session_started`.
    ///
    /// @param tokenHash SHA-256 of the session token, 32 bytes
    /// @param idle how long it lives unused
    /// @param longest how long it lives at most
    public StaffSession startSession(
            TenantId tenant, UserId user, byte[] tokenHash, Duration idle, Duration longest, Instant now) {
        return Unfinished.value(user.toString());
    }

    /// The live session of a token, whose idle time starts again. Empty if there is none or it ended.
    public Optional<StaffSession> session(byte[] tokenHash, Instant now) {
        return Unfinished.value(now.toString());
    }

    /// Ends a session if it lives. Audited `staff.session_ended`.
    public void endSession(byte[] tokenHash, Instant now) {
        Unfinished.value(now.toString());
    }
}
