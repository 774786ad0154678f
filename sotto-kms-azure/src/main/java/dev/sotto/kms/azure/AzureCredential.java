package dev.sotto.kms.azure;

import static java.util.Objects.requireNonNull;

import dev.sotto.keys.Passphrase;
import java.nio.file.Path;
import java.util.function.Supplier;

/// Who this node is to Azure.
public sealed interface AzureCredential {
    /// The first that works of: environment variables, a workload identity, a managed identity. Never the signed-in
    /// developer of a command line.
    record Chain() implements AzureCredential {}

    /// An application and its secret.
    ///
    /// @param tenantId the directory's id
    /// @param secret gives the secret, such as `() -> Passphrase.ofCredential("azure-secret")`; closed after use
    record ClientSecret(String tenantId, String clientId, Supplier<Passphrase> secret) implements AzureCredential {
        public ClientSecret {
            requireNonNull(tenantId, "tenantId");
            requireNonNull(clientId, "clientId");
            requireNonNull(secret, "secret");
        }
    }

    /// An application and a PEM file with its certificate and private key.
    ///
    /// @param tenantId the directory's id
    record ClientCertificate(String tenantId, String clientId, Path certificate) implements AzureCredential {
        public ClientCertificate {
            requireNonNull(tenantId, "tenantId");
            requireNonNull(clientId, "clientId");
            requireNonNull(certificate, "certificate");
        }
    }
}
