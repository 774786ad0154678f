package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.regex.Pattern;

/// Where objects live and which node this is.
///
/// @param objects the folder of sealed objects, such as `DIR/objects`; made with mode 0700
/// @param nodeId names this node in rows and in the audit log; stays the same over restarts
public record StoreConfig(Path objects, String nodeId) {
    private static final Pattern NODE_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    public StoreConfig {
        objects = requireNonNull(objects, "objects").toAbsolutePath().normalize();
        if (!NODE_ID.matcher(nodeId).matches()) {
            throw new IllegalArgumentException("nodeId must be 1 to 64 letters, digits, dots, hyphens or underscores");
        }
    }
}
