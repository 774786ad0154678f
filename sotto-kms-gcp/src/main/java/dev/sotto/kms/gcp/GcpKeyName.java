package dev.sotto.kms.gcp;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/// The resource name of a key, without a version: which one wraps is Google's to say.
record GcpKeyName(String project, String text) {
    private static final Pattern FORM = Pattern.compile(
            "projects/([a-z][a-z0-9.:-]{4,60}[a-z0-9])/locations/[a-z0-9-]{1,40}/keyRings/[A-Za-z0-9_-]{1,63}"
                    + "/cryptoKeys/[A-Za-z0-9_-]{1,63}");
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");
    private static final String VERSIONS = "/cryptoKeyVersions/";

    static Optional<GcpKeyName> parse(String text) {
        var parts = FORM.matcher(text);
        return parts.matches() ? Optional.of(new GcpKeyName(parts.group(1), text)) : Optional.empty();
    }

    /// The version in `name`, if that names one of this key.
    OptionalInt versionIn(String name) {
        var prefix = text + VERSIONS;
        if (!name.startsWith(prefix)
                || !NUMBER.matcher(name.substring(prefix.length())).matches()) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(Integer.parseInt(name.substring(prefix.length())));
    }
}
