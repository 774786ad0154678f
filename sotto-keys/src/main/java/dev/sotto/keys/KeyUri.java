package dev.sotto.keys;

import dev.sotto.core.RejectedException;
import java.util.regex.Pattern;

/// The address of a key: `scheme:name`. `local:primary` is a root key of the local key store, `key:<uuid>` the key in
/// the row of that id.
public record KeyUri(String text) {
    private static final Pattern FORM = Pattern.compile("[a-z][a-z0-9-]{0,31}:[A-Za-z0-9._~:/-]{1,400}");

    /// @throws RejectedException if `text` is not of that form
    public KeyUri {
        if (!FORM.matcher(text).matches()) {
            throw new RejectedException(KeysError.KEY_URI_INVALID, "key uri must have the form scheme:name");
        }
    }

    public String scheme() {
        return text.substring(0, text.indexOf(':'));
    }

    public String name() {
        return text.substring(text.indexOf(':') + 1);
    }

    @Override
    public String toString() {
        return text;
    }
}
