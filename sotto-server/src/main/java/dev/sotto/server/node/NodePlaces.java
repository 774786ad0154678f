package dev.sotto.server.node;

import java.nio.file.Path;

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
}
