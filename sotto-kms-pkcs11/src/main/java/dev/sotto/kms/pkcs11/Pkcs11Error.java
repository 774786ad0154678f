package dev.sotto.kms.pkcs11;

import dev.sotto.core.ErrorCode;

/// Why a hardware security module is not used.
public enum Pkcs11Error implements ErrorCode {
    /// The PKCS #11 library or the name of a token or key is not of the form that is accepted.
    PKCS11_CONFIG_REFUSED,
    /// The PKCS #11 library is absent or does not load.
    PKCS11_LIBRARY_UNUSABLE,
    /// No token has the label, or more than one has.
    PKCS11_TOKEN_ABSENT,
    /// The token refuses the PIN, or one more wrong PIN would lock it.
    PKCS11_PIN_REFUSED,
    /// The key has attributes that would let it leave the token, or is not for this use.
    PKCS11_KEY_UNFIT,
    /// The token has a key of that label already.
    PKCS11_KEY_EXISTS
}
