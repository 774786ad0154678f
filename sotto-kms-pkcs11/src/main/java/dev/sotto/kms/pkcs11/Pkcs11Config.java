package dev.sotto.kms.pkcs11;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.RejectedException;
import dev.sotto.keys.KmsCallLimits;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// Which token to use and how. Holds no PIN.
///
/// @param library the vendor's PKCS #11 library, an absolute path of letters, digits and `._+-/`
/// @param token the label of the token, 1 to 32 letters, digits, dots, hyphens, underscores or tildes
/// @param limits [KmsCallLimits#concurrent()] bounds the sessions of operations on the token
public record Pkcs11Config(Path library, String token, KmsCallLimits limits) {
    private static final Pattern LIBRARY = Pattern.compile("/[A-Za-z0-9._+/-]{1,400}");
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9._~-]{1,32}");

    /// @throws RejectedException if `library` or `token` is not of that form
    public Pkcs11Config {
        requireNonNull(limits, "limits");
        if (!LIBRARY.matcher(library.toString()).matches()) {
            throw new RejectedException(
                    Pkcs11Error.PKCS11_CONFIG_REFUSED,
                    "library must be an absolute path of letters, digits, dots, hyphens, underscores and plus signs");
        }
        if (!isLabel(token)) {
            throw new RejectedException(
                    Pkcs11Error.PKCS11_CONFIG_REFUSED,
                    "token must be 1 to 32 letters, digits, dots, hyphens, underscores or tildes");
        }
    }

    static boolean isLabel(String text) {
        return LABEL.matcher(text).matches();
    }
}
