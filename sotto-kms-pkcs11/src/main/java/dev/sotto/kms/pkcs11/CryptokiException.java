package dev.sotto.kms.pkcs11;

/// A function of the library answered other than `CKR_OK`. Holds the function and the number, nothing else.
final class CryptokiException extends Exception {
    private static final long serialVersionUID = 1L;

    CryptokiException(String function, long code) {
        super("%s answered 0x%x".formatted(function, code));
    }
}
