package dev.sotto.server.node;

import dev.sotto.core.RejectedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The two folders of a node.
public record NodePlaces(DataDirectory data, StateDirectory state) {
    /// A data directory and the state directory that belongs to it on this machine.
    public static NodePlaces of(DataDirectory data) {
        return new NodePlaces(data, StateDirectory.of(data));
    }

    /// Both below one folder, for nodes that are thrown away.
    public static NodePlaces below(Path folder) {
        return new NodePlaces(new DataDirectory(folder.resolve("data")), new StateDirectory(folder.resolve("state")));
    }

    /// What a tool on a stopped node's data goes by: `given`, else the file that the node last ran with, else the
    /// defaults.
    ///
    /// @throws RejectedException if that file is not there any more, or is wrong
    public NodeConfig settings(Optional<Path> given) {
        if (given.isPresent()) {
            return NodeConfig.load(given.get());
        }
        Path note = state.configNote();
        if (!Files.exists(note)) {
            return NodeConfig.defaults();
        }
        Path last = Path.of(PrivateFiles.readText(note));
        if (!Files.exists(last)) {
            throw new RejectedException(
                    ServerError.FILE_UNUSABLE,
                    "the configuration file (%s) that the node last ran with is not there\nhint: --config FILE names another"
                            .formatted(last));
        }
        return NodeConfig.load(last);
    }

    /// Notes with which file the node runs, if with any, for [#settings].
    public void noteConfig(Optional<Path> file) throws IOException {
        if (file.isPresent()) {
            PrivateFiles.write(
                    state.configNote(), file.get().toAbsolutePath().normalize().toString());
        } else {
            Files.deleteIfExists(state.configNote());
        }
    }
}
