package dev.sotto.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditSink;
import dev.sotto.core.BugException;
import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What models are told and which tools they may ask for, read and checked against this program again and again. While
/// it does not fit, no conversation with a model begins. What is used counts from when the log says so. Thread-safe.
public final class Catalogue implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Catalogue.class);
    private static final int MAX_BYTES = 256 * 1024;
    private static final String UNREADABLE = "the file cannot be read";

    private final Source source;
    private final AuditSink audit;
    private final ActorId node;
    private final Meter meter;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile @Nullable Vertical usable;
    /// What the log says of it now: the text that was taken, or what was wrong with it.
    private String recorded = "";

    private Catalogue(Source source, AuditSink audit, ActorId node, Meter meter) {
        this.source = source;
        this.audit = requireNonNull(audit, "audit");
        this.node = requireNonNull(node, "node");
        this.meter = requireNonNull(meter, "meter");
    }

    /// Where the text is read anew each time.
    private interface Source {
        String read() throws IOException;
    }

    /// One that ships with the program.
    ///
    /// @throws SottoException if it does not fit, or the audit log does not answer
    public static Catalogue shipped(String vertical, AuditSink audit, ActorId node, Meter meter) {
        return opened(() -> Vertical.shippedText(vertical), audit, node, meter);
    }

    /// One in a file of the operator's.
    ///
    /// @throws SottoException if it does not fit, or the audit log does not answer
    public static Catalogue file(Path file, AuditSink audit, ActorId node, Meter meter) {
        return opened(
                () -> {
                    if (Files.size(file) > MAX_BYTES) {
                        throw new IOException("larger than %d bytes".formatted(MAX_BYTES));
                    }
                    return Files.readString(file, UTF_8);
                },
                audit,
                node,
                meter);
    }

    private static Catalogue opened(Source source, AuditSink audit, ActorId node, Meter meter) {
        var catalogue = new Catalogue(source, audit, node, meter);
        String text;
        try {
            text = source.read();
        } catch (IOException unreadable) {
            throw new BugException(AgentError.VERTICAL_UNUSABLE, UNREADABLE, unreadable);
        }
        catalogue.take(text, Vertical.read(text));
        meter.gauge("agent.catalogue.usable", () -> catalogue.isUsable() ? 1 : 0);
        return catalogue;
    }

    /// Has it checked again at every step of `each`, until it is closed.
    public Catalogue watch(Duration each) {
        Thread.ofVirtual().name("sotto-catalogue").start(() -> {
            try {
                while (!closing.await(each.toNanos(), TimeUnit.NANOSECONDS)) {
                    check();
                }
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        return this;
    }

    /// What fits this program; empty while it does not.
    public Optional<Vertical> usable() {
        return Optional.ofNullable(usable);
    }

    public boolean isUsable() {
        return usable != null;
    }

    /// Reads and checks it again. A change for the worse counts at once, one for the better when it is recorded.
    synchronized void check() {
        meter.count("agent.catalogue.checked");
        try {
            String text = source.read();
            take(text, Vertical.read(text));
        } catch (IOException unreadable) {
            refuse(UNREADABLE);
        } catch (BugException unfit) {
            refuse(String.valueOf(unfit.getMessage()));
        } catch (SottoException unrecorded) {
            unrecorded(unrecorded);
        }
    }

    private synchronized void take(String text, Vertical vertical) {
        if (usable != null && recorded.equals(text)) {
            return;
        }
        audit.append(AuditEvent.of("catalogue.accepted", node)
                .detail("vertical", shortened(vertical.id()))
                .detail("tools", vertical.tools().size())
                .build());
        recorded = text;
        usable = vertical;
    }

    private void refuse(String problem) {
        usable = null;
        if (recorded.equals(problem)) {
            return;
        }
        meter.count("agent.catalogue.refused");
        log.atError()
                .addKeyValue("event", "agent.catalogue.refused")
                .addKeyValue("problem", shortened(problem))
                .log("what models are told does not fit this program: calls go to the keypad");
        try {
            audit.append(AuditEvent.of("catalogue.refused", node)
                    .detail("problem", shortened(problem))
                    .build());
            recorded = problem;
        } catch (SottoException down) {
            unrecorded(down); // it is refused all the same, and said at the next check
        }
    }

    private static void unrecorded(SottoException failure) {
        log.atWarn()
                .addKeyValue("event", "agent.catalogue.unrecorded")
                .addKeyValue("code", failure.code().name())
                .log("the audit log did not take what became of the tool catalogue");
    }

    private static String shortened(String text) {
        String line = text.replaceAll("[^ -~]", "?");
        return line.length() <= 400 ? line : line.substring(0, 400);
    }

    /// Stops checking.
    @Override
    public void close() {
        closing.countDown();
    }
}
