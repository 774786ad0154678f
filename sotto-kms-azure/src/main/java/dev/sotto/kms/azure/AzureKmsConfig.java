package dev.sotto.kms.azure;

import static java.util.Objects.requireNonNull;

import dev.sotto.keys.KmsCallLimits;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Which keys of Azure this node may use, and how it reaches them. Keys of other vaults are refused before anything is
/// sent, so that an altered key row cannot make the node send its token to a stranger.
///
/// @param vaults the hosts whose keys may be used, such as `clinic.managedhsm.azure.net`, and what keys they hold; a
///     vault of a tenant's own is how a tenant brings its key
/// @param authority the sign-in service of a sovereign or private cloud, `https`; its metadata is then not looked up
///     at Microsoft's
/// @param trustAnchors a PEM file of whom to believe instead of the platform's
public record AzureKmsConfig(
        Map<String, AzureKeyKind> vaults,
        AzureCredential credential,
        Optional<URI> authority,
        Optional<Path> trustAnchors,
        KmsCallLimits limits) {
    private static final int MAX_VAULTS = 1024;
    private static final Pattern HOST = Pattern.compile("[a-z0-9][a-z0-9.-]{1,200}(:[0-9]{1,5})?");

    public AzureKmsConfig {
        vaults = Map.copyOf(vaults);
        requireNonNull(credential, "credential");
        if (vaults.isEmpty() || vaults.size() > MAX_VAULTS) {
            throw new IllegalArgumentException("vaults (%d) must be 1 to %d".formatted(vaults.size(), MAX_VAULTS));
        }
        for (var host : vaults.keySet()) {
            if (!HOST.matcher(host).matches()) {
                throw new IllegalArgumentException("vault must be a host such as clinic.managedhsm.azure.net");
            }
        }
        if (authority
                .filter(uri -> !"https".equals(uri.getScheme()) || uri.getHost() == null)
                .isPresent()) {
            throw new IllegalArgumentException("authority must be https");
        }
    }

    /// The public cloud and the default chain of credentials.
    public static AzureKmsConfig of(Map<String, AzureKeyKind> vaults) {
        return new AzureKmsConfig(
                vaults, new AzureCredential.Chain(), Optional.empty(), Optional.empty(), KmsCallLimits.defaults());
    }
}
