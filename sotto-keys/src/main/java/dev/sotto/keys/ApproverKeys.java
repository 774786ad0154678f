package dev.sotto.keys;

import dev.sotto.core.ActorId;
import java.security.PublicKey;
import java.util.Optional;

/// Who may approve a destruction, and with which key of their own they sign. Thread-safe.
public interface ApproverKeys {
    /// The Ed25519 key of `approver`; empty if they may not approve.
    Optional<PublicKey> of(ActorId approver);

    /// Nobody may.
    static ApproverKeys nobody() {
        return _ -> Optional.empty();
    }
}
