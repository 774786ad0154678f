package dev.sotto.kms.azure;

/// What the keys of a vault are, which decides what binds a wrapped key to its context.
public enum AzureKeyKind {
    /// 256-bit AES keys (`oct-HSM`) of a Managed HSM, which encrypts with AES-GCM: the context is its associated data,
    /// and only who may encrypt there can make something that opens.
    MANAGED_HSM_AES(1),
    /// RSA keys of a vault, which know no associated data: they wrap a one-time key under RSA-OAEP with SHA-256, and
    /// that key wraps the data key, bound to its context. **Anyone who has the public key and can write key rows
    /// can plant a data key of their own**: confidential, bound to its context, not authenticated.
    VAULT_RSA_UNAUTHENTICATED(2);

    private final int code;

    AzureKeyKind(int code) {
        this.code = code;
    }

    /// The second byte of a wrapped key.
    byte code() {
        return (byte) code;
    }
}
