package dev.sotto.server.node;

import dev.sotto.core.RejectedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/// The folder that holds what a node keeps: database, sealed objects, wrapped keys. Everything in it may be copied
/// by a thief and stays sealed.
public record DataDirectory(Path root) {
    private static final int NODE_ID_BYTES = 4;

    public DataDirectory {
        root = root.toAbsolutePath().normalize();
    }

    /// Where a node keeps its data when nothing else is said: `$XDG_DATA_HOME/sotto`, else `~/.local/share/sotto`.
    public static DataDirectory standard() {
        return new DataDirectory(Optional.ofNullable(System.getenv("XDG_DATA_HOME"))
                .filter(text -> text.startsWith("/"))
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".local", "share"))
                .resolve("sotto"));
    }

    /// Whether a node was ever made here.
    public boolean exists() {
        return Files.exists(marker());
    }

    /// Whether the node here was made by `up --demo`.
    public boolean isDemo() {
        return exists() && marked().demo();
    }

    /// The stable name of the node that owns this folder.
    String nodeId() {
        return marked().nodeId();
    }

    /// Makes the folder and says whose it is, once.
    ///
    /// @throws RejectedException if a node of the other kind was made here before
    void claim(boolean demo, SecureRandom random) {
        if (!exists()) {
            requireEmpty();
            PrivateFiles.directory(root);
            byte[] id = new byte[NODE_ID_BYTES];
            random.nextBytes(id);
            PrivateFiles.write(
                    marker(), "node-%s\n%s\n".formatted(HexFormat.of().formatHex(id), demo ? "demo" : "own"));
        } else if (demo != isDemo()) {
            throw new RejectedException(
                    ServerError.DATA_MISMATCH,
                    demo
                            ? "%s holds a node that was not made by --demo\nhint: give the demo a folder of its own, --data DIR"
                                    .formatted(root)
                            : "%s holds a demo node\nhint: add --demo, or give your node a folder of its own, --data DIR"
                                    .formatted(root));
        }
    }

    private void requireEmpty() {
        if (!Files.exists(root)) {
            return;
        }
        try (var entries = Files.newDirectoryStream(root)) {
            if (entries.iterator().hasNext()) {
                throw new RejectedException(
                        ServerError.DATA_MISMATCH,
                        "%s is not empty and holds no node\nhint: name a new or empty folder".formatted(root));
            }
        } catch (IOException failure) {
            throw new RejectedException(
                    ServerError.FILE_UNUSABLE, "%s is not a folder that can be read".formatted(root), failure);
        }
    }

    private Marked marked() {
        var lines = PrivateFiles.readText(marker()).lines().toList();
        if (lines.size() != 2 || !lines.getFirst().matches("node-[0-9a-f]{8}")) {
            throw new RejectedException(ServerError.DATA_MISMATCH, "%s is damaged".formatted(marker()));
        }
        return new Marked(lines.getFirst(), "demo".equals(lines.getLast()));
    }

    private record Marked(String nodeId, boolean demo) {}

    private Path marker() {
        return root.resolve("node");
    }

    Path keystore() {
        return root.resolve("kms.p12");
    }

    Path nodeSecret() {
        return root.resolve("node-secret");
    }

    /// The same under the backup root key, for a restore without the primary one.
    Path nodeSecretOfBackup() {
        return root.resolve("node-secret.backup");
    }

    Path authority() {
        return root.resolve("ca.p12");
    }

    Path checkpointKey() {
        return root.resolve("checkpoint-key");
    }

    Path postgres() {
        return root.resolve("postgres");
    }

    Path objects() {
        return root.resolve("objects");
    }
}
