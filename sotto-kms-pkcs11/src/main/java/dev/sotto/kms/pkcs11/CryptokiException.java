package dev.sotto.kms.pkcs11;

import java.util.Set;

/// A function of the library answered other than `CKR_OK`. Holds the function and the number, nothing else.
final class CryptokiException extends Exception {
    private static final long serialVersionUID = 1L;

    /// Attribute read-only, of a wrong type or value; mechanism or its parameter invalid; template incomplete or
    /// inconsistent; token write-protected: asking again or elsewhere does not help.
    private static final Set<Long> REFUSALS = Set.of(0x10L, 0x12L, 0x13L, 0x70L, 0x71L, 0xd0L, 0xd1L, 0xe2L);

    private final long code;

    CryptokiException(String function, long code) {
        super("%s answered 0x%x".formatted(function, code));
        this.code = code;
    }

    boolean isRefusal() {
        return REFUSALS.contains(code);
    }
}
