package dev.sotto.server.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.server.call.NodeClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A demo node in a process of its own, run by the real command line, so that it can be killed. What it prints is
/// kept, apart by stream.
@SuppressWarnings("JdkObsolete") // StringBuffer: two threads read and write what was printed
final class NodeProcess implements AutoCloseable {
    private static final long STOP_SECONDS = 60;
    private static final String READY = " is ready after ";
    private static final Pattern SETUP = Pattern.compile("set up +(https://\\S+)");

    private final Home home;
    private final Process process;
    private final StringBuffer out = new StringBuffer();
    private final StringBuffer err = new StringBuffer();

    private NodeProcess(Home home, Process process) {
        this.home = home;
        this.process = process;
        Thread.ofVirtual().start(() -> read(process.getInputStream(), out));
        Thread.ofVirtual().start(() -> read(process.getErrorStream(), err));
    }

    /// Starts `sotto up --demo` on any free ports and returns once it takes calls.
    static NodeProcess start(Home home, String... more) throws Exception {
        NodeProcess node = launch(home, more);
        try {
            Await.until("the node is ready", () -> node.out.indexOf(READY) >= 0 || !node.process.isAlive());
            if (!node.process.isAlive()) {
                throw new AssertionError("the node ended: " + node.out + node.err);
            }
            Await.until("the node said everything", () -> node.out.indexOf("ctrl-c") >= 0);
            return node;
        } catch (Exception | AssertionError failure) {
            node.close();
            throw failure;
        }
    }

    /// Starts it and does not wait.
    static NodeProcess launch(Home home, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("up", "--demo", "--port", "0"));
        arguments.addAll(List.of(more));
        return new NodeProcess(home, builder(home, arguments).start());
    }

    /// Any `sotto` command as a process, on the data of `home`.
    static ProcessBuilder builder(Home home, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "-Djava.io.tmpdir=" + home.temporary(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.sotto.server.Main"));
        command.addAll(arguments);
        command.addAll(List.of("--data", home.data().toString()));
        var builder = new ProcessBuilder(command);
        builder.environment().put("SOTTO_STATE", home.stateBase().toString());
        return builder;
    }

    private static void read(InputStream in, StringBuffer into) {
        try (var reader = new BufferedReader(new InputStreamReader(in, UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                into.append(line).append('\n');
            }
        } catch (IOException _) {
            // the process ended
        }
    }

    /// What it printed for people.
    String out() {
        return out.toString();
    }

    /// What it logged.
    String err() {
        return err.toString();
    }

    /// The one-time link it offers.
    URI setupLink() {
        Matcher matcher = SETUP.matcher(out);
        if (!matcher.find()) {
            throw new AssertionError("no setup link was offered");
        }
        return URI.create(matcher.group(1));
    }

    NodeClient client() {
        return NodeClient.connect(home.places());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// `kill -9`: the process gets no chance to do anything.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the node does not die");
        }
    }

    /// Waits for its end and gives its exit status.
    int await() throws InterruptedException {
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the node does not end");
        }
        return process.exitValue();
    }

    /// Stops the node in order; kills it if that takes too long.
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the node did not stop in order");
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /// A command that ran to its end.
    record Ended(int status, String out, String err) {}

    /// Runs a `sotto` command to its end.
    static Ended command(Home home, String... arguments) throws Exception {
        var process = builder(home, List.of(arguments)).start();
        var err = new StringBuffer();
        var reader = Thread.ofVirtual().start(() -> read(process.getErrorStream(), err));
        String out;
        try (var in = process.getInputStream()) {
            out = new String(in.readAllBytes(), UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the command does not end: " + String.join(" ", arguments));
        }
        reader.join();
        return new Ended(process.exitValue(), out, err.toString());
    }
}
