package dev.sotto.kms.azure;

import java.util.Optional;
import java.util.regex.Pattern;

/// One version of a key in a vault.
record AzureKeyName(String host, String text) {
    private static final Pattern FORM =
            Pattern.compile("([a-z0-9][a-z0-9.-]{1,200}(?::[0-9]{1,5})?)/keys/[A-Za-z0-9-]{1,127}/[0-9a-f]{32}");

    static Optional<AzureKeyName> parse(String text) {
        var parts = FORM.matcher(text);
        return parts.matches() ? Optional.of(new AzureKeyName(parts.group(1), text)) : Optional.empty();
    }

    /// As Azure writes it.
    String identifier() {
        return "https://" + text;
    }
}
