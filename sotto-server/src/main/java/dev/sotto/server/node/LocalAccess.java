package dev.sotto.server.node;

import dev.sotto.audit.TrustedKeys;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the state directory lets a tool of the same account do.
public final class LocalAccess {
    private final StateDirectory state;

    private LocalAccess(StateDirectory state) {
        this.state = state;
    }

    public static LocalAccess of(NodePlaces places) {
        return new LocalAccess(places.state());
    }

    public Path authorityCertificate() {
        return state.authorityCertificate();
    }

    /// The keys that this machine trusts for checkpoints of the node's audit log.
    public TrustedKeys trustedAuditKeys() {
        return TrustedKeys.read(state.trustedAuditKeys());
    }

    public Path checkpoints() {
        return state.checkpoints();
    }

    /// What the running node lets its local tools in with.
    ///
    /// @throws UnavailableException if no node runs
    public SensitiveText operatorToken() {
        return text(state.operatorToken());
    }

    /// The auth token of the demo's pretended carrier account.
    public SensitiveText demoTwilioToken() {
        return text(state.demoTwilioToken());
    }

    private static SensitiveText text(Path file) {
        if (!Files.exists(file)) {
            throw new UnavailableException(
                    ServerError.NODE_NOT_RUNNING,
                    "%s is not there\nhint: start the node with ./sotto up".formatted(file));
        }
        return SensitiveText.of(PrivateFiles.readText(file));
    }
}
