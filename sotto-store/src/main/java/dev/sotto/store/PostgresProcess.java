package dev.sotto.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One run of the database server. What it prints is reduced to severity and SQLSTATE before it is logged.
final class PostgresProcess {
    private static final Logger log = LoggerFactory.getLogger(PostgresProcess.class);
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(5);
    private static final Pattern LINE = Pattern.compile("([0-9A-Z]{5}) ([A-Z]+[0-9]?):.*");
    private static final int STATUS_LINE = 7; // of postmaster.pid, from 0
    private static final int KEPT_LINES = 20;

    private final Process process;
    private final Path data;
    private final Deque<String> lastLines = new ArrayDeque<>();

    private PostgresProcess(Process process, Path data) {
        this.process = process;
        this.data = data;
    }

    /// A command line that does not run as root, which PostgreSQL refuses: a user namespace of its own makes root
    /// nobody, who still owns root's files.
    static List<String> command(Path program, String... arguments) {
        var command = new ArrayList<String>();
        if (runsAsRoot()) {
            command.add("unshare");
            command.add("--user");
        }
        command.add(program.toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private static boolean runsAsRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid && uid == 0;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    private static ProcessBuilder builder(List<String> command) {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        String path = builder.environment().getOrDefault("PATH", "/usr/bin:/bin");
        builder.environment().clear();
        builder.environment().put("PATH", path);
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("TZ", "UTC");
        return builder;
    }

    /// Runs a program to its end, with `input` on its standard input.
    static void run(List<String> command, String input) {
        try {
            Process process = builder(command).start();
            var lines = new ArrayDeque<String>();
            Thread pump = Thread.ofPlatform()
                    .daemon()
                    .name("postgres-output")
                    .start(() -> pump(process, line -> keep(lines, line)));
            try (var out = process.getOutputStream()) {
                out.write(input.getBytes(UTF_8));
            }
            if (!process.waitFor(COMMAND_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw failed("%s did not end in %s".formatted(name(command), COMMAND_TIMEOUT), null);
            }
            pump.join(Duration.ofSeconds(2));
            if (process.exitValue() != 0) {
                String last = lastOf(lines).orElse("no output");
                String hint = last.startsWith("unshare:") ? "; run the node as an ordinary user, not as root" : "";
                throw failed(
                        "%s ended with status %d: %s%s".formatted(name(command), process.exitValue(), last, hint),
                        null);
            }
        } catch (IOException e) {
            throw failed("%s cannot be run".formatted(name(command)), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted while %s ran".formatted(name(command)), e);
        }
    }

    private static String name(List<String> command) {
        return command.stream()
                .filter(word -> word.startsWith("/"))
                .findFirst()
                .map(word -> String.valueOf(Path.of(word).getFileName()))
                .orElse("the program");
    }

    /// Starts the server on `data`. It does not answer yet: see [#awaitReady].
    static PostgresProcess start(PostgresBinaries binaries, Path data) {
        try {
            var started = new PostgresProcess(
                    builder(command(binaries.program("postgres"), "-D", data.toString()))
                            .start(),
                    data);
            started.process.getOutputStream().close();
            Thread.ofPlatform().daemon().name("postgres-output").start(() -> pump(started.process, started::note));
            return started;
        } catch (IOException e) {
            throw failed("the database server cannot be run", e);
        }
    }

    /// Waits until the server takes connections. False if it died instead.
    boolean awaitReady(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (System.nanoTime() < deadline) {
            if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
            var lines = pidFile(data);
            if (lines.size() > STATUS_LINE
                    && lines.getFirst().strip().equals(Long.toString(process.pid()))
                    && lines.get(STATUS_LINE).strip().equals("ready")) {
                return true;
            }
        }
        return false;
    }

    int awaitEnd() throws InterruptedException {
        return process.waitFor();
    }

    boolean running() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /// The server's last complaint, for a failure to start.
    String complaint() {
        synchronized (lastLines) {
            return lastLines.stream()
                    .filter(line -> line.contains("FATAL") || line.contains("PANIC"))
                    .reduce((_, last) -> last)
                    .or(() -> lastOf(lastLines))
                    .orElse("no output");
        }
    }

    /// Ends the server: at once if it is idle, by force if it does not end in `timeout`.
    void stop(PostgresBinaries binaries, Duration timeout) {
        stopServer(binaries, data, process.toHandle(), timeout);
    }

    /// Ends a server that an earlier node left running on `data`. A process that only has the same id is left alone.
    static void stopOrphan(PostgresBinaries binaries, Path data, Duration timeout) {
        var lines = pidFile(data);
        if (lines.isEmpty() || !lines.getFirst().strip().matches("[0-9]{1,9}")) {
            return;
        }
        long pid = Long.parseLong(lines.getFirst().strip());
        var handle = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
        if (handle.isPresent() && worksIn(pid, data)) {
            log.atWarn()
                    .addKeyValue("event", "postgres.orphan.stopped")
                    .addKeyValue("pid", pid)
                    .log("a database server left by an earlier node is stopped");
            stopServer(binaries, data, handle.get(), timeout);
        }
    }

    private static boolean worksIn(long pid, Path data) {
        try {
            return Files.isSameFile(Path.of("/proc", Long.toString(pid), "cwd"), data)
                    && Files.readString(Path.of("/proc", Long.toString(pid), "comm"))
                            .startsWith("postgres");
        } catch (IOException e) {
            return false;
        }
    }

    private static void stopServer(PostgresBinaries binaries, Path data, ProcessHandle server, Duration timeout) {
        if (!server.isAlive()) {
            return;
        }
        try {
            run(
                    command(
                            binaries.program("pg_ctl"),
                            "stop",
                            "--pgdata=" + data,
                            "--mode=fast",
                            "--no-wait",
                            "--silent"),
                    "");
            server.onExit().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            server.destroyForcibly();
        } catch (UnavailableException
                | java.util.concurrent.ExecutionException
                | java.util.concurrent.TimeoutException e) {
            // what was acknowledged is in the write-ahead log, so force loses nothing
            server.destroyForcibly();
        }
    }

    private static List<String> pidFile(Path data) {
        try {
            return Files.readAllLines(data.resolve("postmaster.pid"), UTF_8);
        } catch (IOException e) {
            return List.of();
        }
    }

    private void note(String line) {
        keep(lastLines, line);
        var matcher = LINE.matcher(line);
        if (matcher.matches()) {
            log.atDebug()
                    .addKeyValue("event", "postgres.printed")
                    .addKeyValue("severity", matcher.group(2))
                    .addKeyValue("state", matcher.group(1))
                    .log("the database server printed a line");
        }
    }

    private static void keep(Deque<String> lines, String line) {
        synchronized (lines) {
            lines.addLast(line);
            if (lines.size() > KEPT_LINES) {
                lines.removeFirst();
            }
        }
    }

    private static Optional<String> lastOf(Collection<String> lines) {
        synchronized (lines) {
            return lines.stream().reduce((_, last) -> last);
        }
    }

    private static void pump(Process process, java.util.function.Consumer<String> sink) {
        try (var reader = process.inputReader(UTF_8)) {
            String line = reader.readLine();
            while (line != null) {
                sink.accept(line);
                line = reader.readLine();
            }
        } catch (IOException closed) {
            // the process is gone, and so is its output
        }
    }

    private static UnavailableException failed(String message, @Nullable Throwable cause) {
        return new UnavailableException(StoreError.DATABASE_START, message, cause);
    }
}
