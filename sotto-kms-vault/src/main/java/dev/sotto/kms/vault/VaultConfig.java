package dev.sotto.kms.vault;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.RejectedException;
import dev.sotto.keys.KmsCallLimits;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/// Which server to use and how.
///
/// @param address `https://host[:port]`, nothing after it
/// @param namespace of Vault Enterprise or OpenBao
/// @param mounts the paths of the Transit engines that may be used, such as `transit`; a tenant's own may be among them
/// @param trustAnchors PEM certificates to believe in place of the platform's
public record VaultConfig(
        URI address,
        Optional<String> namespace,
        Set<String> mounts,
        VaultLogin login,
        Optional<Path> trustAnchors,
        KmsCallLimits limits) {
    private static final int MAX_MOUNTS = 1_000;

    /// @throws RejectedException if a part is not of the form that is accepted
    public VaultConfig {
        requireNonNull(login, "login");
        requireNonNull(trustAnchors, "trustAnchors");
        requireNonNull(limits, "limits");
        mounts = Set.copyOf(mounts);
        if (!"https".equals(address.getScheme())
                || address.getHost() == null
                || address.getRawUserInfo() != null
                || address.getRawQuery() != null
                || address.getRawFragment() != null
                || !address.getRawPath().isEmpty()) {
            throw new RejectedException(
                    VaultError.VAULT_CONFIG_REFUSED, "address must be https://host or https://host:port");
        }
        namespace.ifPresent(name -> VaultNames.path("namespace", name));
        if (mounts.isEmpty() || mounts.size() > MAX_MOUNTS) {
            throw new RejectedException(
                    VaultError.VAULT_CONFIG_REFUSED, "mounts must be 1 to %d".formatted(MAX_MOUNTS));
        }
        mounts.forEach(mount -> VaultNames.path("mounts", mount));
    }
}
