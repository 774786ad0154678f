package dev.sotto.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Another JVM that runs a database, writes rows to it and says so after each commit, until it is killed.
final class OrphanMaker implements AutoCloseable {
    private static final int ROWS_BEFORE_DEATH = 50;

    private final Process process;
    private final BufferedReader out;
    private int acknowledged;

    private OrphanMaker(Process process) {
        this.process = process;
        this.out = process.inputReader(UTF_8);
    }

    static OrphanMaker run(Path folder) throws IOException {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + folder, // it cannot tidy up
                        "-cp",
                        System.getProperty("java.class.path"),
                        OrphanMaker.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new OrphanMaker(process);
    }

    /// Kills the JVM in the middle of its writes, as `kill -9` does. Returns the process id of the server it leaves.
    long kill() throws IOException, InterruptedException {
        long pid = -1;
        String line = out.readLine();
        while (line != null && acknowledged < ROWS_BEFORE_DEATH) {
            if (line.startsWith("server ")) {
                pid = Long.parseLong(line.substring(7));
            } else if (line.startsWith("wrote ")) {
                acknowledged = Integer.parseInt(line.substring(6));
            }
            line = out.readLine();
        }
        process.toHandle().destroyForcibly(); // that of the process itself would close its output
        process.waitFor(10, TimeUnit.SECONDS);
        while (line != null) { // what it acknowledged before it died counts too
            if (line.startsWith("wrote ")) {
                acknowledged = Integer.parseInt(line.substring(6));
            }
            line = out.readLine();
        }
        return pid;
    }

    int acknowledged() {
        return acknowledged;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    public static void main(String[] arguments) throws Exception {
        var node = PostgresNode.start(TestPostgres.config(Path.of(arguments[0])));
        System.out.println("server " + node.pid());
        try (var connection = node.dataSource(Role.OWNER).getConnection();
                var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE kept (value int)");
            for (int i = 1; ; i++) {
                statement.execute("INSERT INTO kept VALUES (" + i + ")");
                System.out.println("wrote " + i);
            }
        }
    }
}
