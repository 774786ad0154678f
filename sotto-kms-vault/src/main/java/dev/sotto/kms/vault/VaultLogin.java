package dev.sotto.kms.vault;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.RejectedException;
import dev.sotto.keys.Passphrase;
import java.nio.file.Path;
import java.util.function.Supplier;

/// How a node shows the server who it is. The secret part is read anew for each login and not kept.
public sealed interface VaultLogin {
    /// The path at which the way to log in is enabled, such as `approle`.
    String mount();

    /// AppRole.
    ///
    /// @param roleId the public half
    /// @param secretId gives the secret half, such as a systemd credential; closed after use
    record AppRole(String mount, String roleId, Supplier<Passphrase> secretId) implements VaultLogin {
        /// @throws RejectedException if `mount` or `roleId` is not of the form that is accepted
        public AppRole {
            VaultNames.path("mount", mount);
            VaultNames.name("roleId", roleId);
            requireNonNull(secretId, "secretId");
        }
    }

    /// Kubernetes service account.
    ///
    /// @param role the role of the server that the account is bound to
    /// @param token the file of the account's token, as the kubelet keeps it fresh
    record Kubernetes(String mount, String role, Path token) implements VaultLogin {
        /// @throws RejectedException if `mount` or `role` is not of the form that is accepted
        public Kubernetes {
            VaultNames.path("mount", mount);
            VaultNames.name("role", role);
            requireNonNull(token, "token");
        }
    }
}
