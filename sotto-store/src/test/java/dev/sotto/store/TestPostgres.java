package dev.sotto.store;

import dev.sotto.core.SensitiveText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/// A real database for tests: one a JVM, shared, or one of a test's own.
public final class TestPostgres {
    private static volatile PostgresNode running;

    private TestPostgres() {}

    private static void tidy() {
        if (running != null) {
            running.close();
        }
        try {
            Directories.delete(Scratch.FOLDER);
        } catch (IOException e) {
            // a folder below the temporary folder stays behind
        }
    }

    /// The database all tests of a JVM share, with the schema in it. Stopped and deleted when the JVM ends.
    public static PostgresNode shared() {
        return Shared.NODE;
    }

    /// The folder the shared database keeps its files in.
    public static Path sharedFolder() {
        return Scratch.FOLDER;
    }

    /// How to start a database of one's own in `folder`: the same configuration each time it is asked.
    public static PostgresConfig config(Path folder) {
        return new PostgresConfig(
                folder.resolve("postgres"),
                PostgresConfig.userCache(),
                Scratch.TLS.certificate(),
                Scratch.TLS.privateKey(),
                Scratch.TLS.certificate(),
                passwords(),
                0);
    }

    public static Map<Role, SensitiveText> passwords() {
        var passwords = new EnumMap<Role, SensitiveText>(Role.class);
        for (Role role : Role.values()) {
            passwords.put(role, SensitiveText.of("password-of-" + role.roleName()));
        }
        return passwords;
    }

    private static final class Scratch {
        static final Path FOLDER = folder();
        static final TestTls TLS = TestTls.make(FOLDER);

        private static Path folder() {
            try {
                Path folder = Files.createTempDirectory("sotto-test-");
                Runtime.getRuntime().addShutdownHook(new Thread(TestPostgres::tidy));
                return folder;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static final class Shared {
        static final PostgresNode NODE = start();

        private static PostgresNode start() {
            var node = PostgresNode.start(config(Scratch.FOLDER));
            Store.migrate(node.dataSource(Role.OWNER));
            running = node;
            return node;
        }
    }
}
