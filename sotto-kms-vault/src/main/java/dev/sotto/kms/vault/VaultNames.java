package dev.sotto.kms.vault;

import dev.sotto.core.RejectedException;
import java.util.regex.Pattern;

/// What may stand in an address: nothing that means something there.
final class VaultNames {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}");
    private static final Pattern PATH = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");
    private static final int MAX_PATH = 200;

    private VaultNames() {}

    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    static boolean isPath(String text) {
        return text.length() <= MAX_PATH && PATH.matcher(text).matches();
    }

    static void name(String field, String text) {
        if (!isName(text)) {
            throw new RejectedException(
                    VaultError.VAULT_CONFIG_REFUSED,
                    field + " must be 1 to 128 letters, digits, dots, hyphens or underscores");
        }
    }

    static void path(String field, String text) {
        if (!isPath(text)) {
            throw new RejectedException(
                    VaultError.VAULT_CONFIG_REFUSED,
                    field + " must be names of letters, digits, dots, hyphens or underscores, parted by slashes");
        }
    }
}
