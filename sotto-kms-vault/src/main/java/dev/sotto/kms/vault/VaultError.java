package dev.sotto.kms.vault;

import dev.sotto.core.ErrorCode;

/// Why a Vault or OpenBao server is not used.
public enum VaultError implements ErrorCode {
    /// The address, a name or the way to log in is not of the form that is accepted.
    VAULT_CONFIG_REFUSED,
    /// The file with the service account's token is absent, empty or too long.
    VAULT_LOGIN_UNREADABLE,
    /// The key may be exported, backed up in clear or deleted, or is of a type that does not fit.
    VAULT_KEY_UNFIT
}
