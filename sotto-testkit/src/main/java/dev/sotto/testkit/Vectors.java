package dev.sotto.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Finds the known-answer vectors that other projects published. They are read where present and never copied.
public final class Vectors {
    private static final String PROPERTY = "sotto.vectors";

    private Vectors() {}

    /// The folder named by `-Dsotto.vectors`, or `shared/vectors` beside any folder above this one; empty if there is
    /// none, in which case a test says that it skipped.
    public static Optional<Path> folder() {
        String named = System.getProperty(PROPERTY);
        if (named != null) {
            return Optional.of(Path.of(named)).filter(Files::isDirectory);
        }
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path candidate = at.resolve("shared").resolve("vectors");
            if (Files.isDirectory(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }
}
