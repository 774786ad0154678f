package dev.sotto.server.node;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// What models are told and which tools they may ask for.
///
/// @param file the operator's own; empty for the shipped one
/// @param check how often it is read and held against the program again
public record CatalogueConfig(Optional<Path> file, Duration check) {
    static CatalogueConfig read(ConfigReader reader) {
        return new CatalogueConfig(
                reader.path("model.catalogue"),
                reader.duration(
                        "model.catalogue-check", Duration.ofMinutes(5), Duration.ofSeconds(1), Duration.ofDays(1)));
    }
}
