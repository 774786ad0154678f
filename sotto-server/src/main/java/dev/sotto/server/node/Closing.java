package dev.sotto.server.node;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Closes what was started, last first, once. One that fails to close does not keep the others open. Thread-safe.
public final class Closing implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    /// Notes `part` as started and gives it back.
    public synchronized <T extends AutoCloseable> T add(T part) {
        started.push(part);
        return part;
    }

    @Override
    public void close() {
        while (true) {
            AutoCloseable part;
            synchronized (this) {
                if (started.isEmpty()) {
                    return;
                }
                part = started.pop();
            }
            close(part);
        }
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (Exception failure) { // whatever it is, the others are closed too
            LOG.atWarn()
                    .setCause(failure)
                    .addKeyValue("event", "server.close.failed")
                    .addKeyValue("part", part.getClass().getSimpleName())
                    .log("a part did not close cleanly");
        }
    }
}
