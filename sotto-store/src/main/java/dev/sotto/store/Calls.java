package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Calls and how far they have come. Each change is audited before it is committed. Thread-safe; blocks on the
/// database and the audit log.
public final class Calls {
    /// Keeps a call the carrier offers. Audited `call.offered`.
    ///
    /// @throws dev.sotto.core.ConflictException if the carrier's call id was seen before
    public CallRecord offer(NewCall call) {
        return Unfinished.value(call.toString());
    }

    /// Offers a call anew, so that its stream may connect again with a new token. Empty if there is no such call,
    /// or it ended other than lost. Audited `call.offered`.
    public Optional<CallRecord> reoffer(TenantId tenant, CallId call, byte[] tokenHash, Instant tokenExpires) {
        return Unfinished.value(call.toString());
    }

    /// Connects the stream of an offered call to a node; a token connects once. Empty if the token is wrong, used or
    /// expired. Audited `call.started`.
    ///
    /// @param tokenHash SHA-256 of the token, 32 bytes
    public Optional<CallRecord> connect(TenantId tenant, CallId call, byte[] tokenHash, String nodeId, Instant now) {
        return Unfinished.value(call.toString());
    }

    /// Notes that the caller is about to be told what answers, and whether the call is recorded. Audited
    /// `call.announced`: no audio may be kept before this returned.
    public void announce(TenantId tenant, CallId call, boolean recorded, Instant now) {
        Unfinished.value(call.toString());
    }

    /// Notes who the caller was verified to be. Audited `call.verified`.
    public void verified(TenantId tenant, CallId call, SubjectId subject) {
        Unfinished.value(call.toString());
    }

    /// Ends a call. The first outcome stands: false if it had ended before, and nothing changed. Audited
    /// `call.ended`.
    public boolean setOutcome(TenantId tenant, CallId call, CallOutcome outcome, Instant ended) {
        return Unfinished.value(call.toString());
    }

    public Optional<CallRecord> find(TenantId tenant, CallId call) {
        return Unfinished.value(call.toString());
    }

    /// The newest calls first.
    ///
    /// @param before only calls older than this one
    /// @param limit 1 to 200
    public List<CallRecord> list(TenantId tenant, Optional<CallId> before, int limit) {
        return Unfinished.value(tenant.toString());
    }

    /// The call a carrier speaks of, whoever's it is.
    public Optional<CallRecord> byCarrierCall(String carrierCallId) {
        return Unfinished.value(carrierCallId);
    }

    /// The calls whose streams `nodeId` holds, or held when it died.
    public List<CallRecord> connectedOn(String nodeId) {
        return Unfinished.value(nodeId);
    }

    /// The caller's number. Audited `call.number_opened` before it is opened.
    public SensitiveText revealFrom(TenantId tenant, CallId call, ActorId actor) {
        return Unfinished.value(call.toString());
    }
}
