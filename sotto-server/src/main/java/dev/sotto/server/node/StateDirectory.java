package dev.sotto.server.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/// The folder beside the data directory, never inside it: what says how to reach the running node, what must not
/// travel with a copy of the data, and what proves that the data was not rolled back.
public record StateDirectory(Path root) {
    private static final int NAME_BYTES = 4;

    /// The one that belongs to `data`: a folder named after it below `$SOTTO_STATE` or `~/.local/state/sotto`.
    public static StateDirectory of(DataDirectory data) {
        return of(data, System.getenv());
    }

    static StateDirectory of(DataDirectory data, Map<String, String> environment) {
        Path base = Optional.ofNullable(environment.get("SOTTO_STATE"))
                .filter(text -> !text.isBlank())
                .map(text -> Path.of(text).toAbsolutePath())
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".local", "state", "sotto"));
        return below(base, data);
    }

    /// The folder for `data` below `base`.
    public static StateDirectory below(Path base, DataDirectory data) {
        String name = data.root().getFileName() + "-" + digest(data.root().toString());
        return new StateDirectory(base.resolve(name));
    }

    private static String digest(String path) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(path.getBytes(UTF_8));
            return HexFormat.of().formatHex(Arrays.copyOf(hash, NAME_BYTES));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException(missing);
        }
    }

    void create() {
        PrivateFiles.directory(root);
    }

    /// What the running node says about itself.
    Path nodeFile() {
        return root.resolve("node.json");
    }

    /// The path of the configuration file that the node last ran with.
    Path configNote() {
        return root.resolve("config-file");
    }

    /// The token of local tools. Whoever reads it may use the operator's part of the API.
    Path operatorToken() {
        return root.resolve("operator-token");
    }

    /// The passphrase of a demo node.
    Path demoPassphrase() {
        return root.resolve("insecure-demo-passphrase");
    }

    Path demoTwilioToken() {
        return root.resolve("insecure-demo-twilio-token");
    }

    /// The certificate of the local authority, for browsers and for curl.
    public Path authorityCertificate() {
        return root.resolve("ca.pem");
    }

    /// The public keys that checkpoints of this node's audit log are trusted under.
    public Path trustedAuditKeys() {
        return root.resolve("audit-keys");
    }

    /// Signed heads of the audit log, outside the reach of who changes the data.
    Path checkpoints() {
        return root.resolve("checkpoints");
    }

    /// Made anew at each start: TLS keys of the database.
    Path run() {
        return root.resolve("run");
    }

    /// Secrets that the configuration refers to, one a file.
    Path secrets() {
        return root.resolve("secrets");
    }

    boolean exists() {
        return Files.isDirectory(root);
    }
}
