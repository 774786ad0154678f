package dev.sotto.simulator;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A mail server (RFC 5321) that keeps what it gets, delivers nothing and fails on demand. Listens on loopback. With an
/// identity it offers STARTTLS (RFC 3207) and takes no mail before it; AUTH PLAIN (RFC 4954) if it has a login.
/// Thread-safe.
@SuppressWarnings("FutureReturnValueIgnored") // a peer that went away is noticed by its channel
public final class MailSimulator implements AutoCloseable {
    static final int MOST_MESSAGE_BYTES = 1 << 20;
    static final int MOST_RECIPIENTS = 100;

    private static final int MOST_CONNECTIONS = 100;
    private static final int MOST_LINE_BYTES = 4_096;
    private static final int MOST_MESSAGES = 1_000;
    private static final long MOST_BYTES = 64L << 20;

    /// A message that was taken.
    ///
    /// @param from the envelope's sender
    /// @param to the envelope's recipients
    /// @param content header and body as they came, lines ended by CRLF, dots unstuffed
    /// @param secure whether it came over TLS
    public record Message(String from, List<String> to, String content, boolean secure) {
        public Message {
            to = List.copyOf(to);
        }
    }

    /// Who may send.
    public record Login(String user, SensitiveText password) {}

    private final @Nullable SslContext tls;
    private final @Nullable Login login;
    private final Received received = new Received(MOST_BYTES);
    private final List<Message> messages = new ArrayList<>();
    private final Listener listener;
    private boolean down;
    private int failures;

    private MailSimulator(int port, @Nullable ServerIdentity identity, @Nullable Login login) {
        this.tls = Listener.tls(identity);
        this.login = login;
        listener = new Listener("mail", port, MOST_CONNECTIONS, (channel, connection) -> {
            if (isDown()) {
                channel.close();
                return;
            }
            channel.pipeline()
                    .addLast(new Recorder(received, connection, Received.Form.MAIL))
                    .addLast(new LineBasedFrameDecoder(MOST_LINE_BYTES))
                    .addLast(new MailSession(this));
        });
    }

    /// Starts with STARTTLS and a login.
    ///
    /// @param port 0 for a free one
    /// @throws UnavailableException if the port cannot be bound
    /// @throws RejectedException if key and certificate cannot be used
    public static MailSimulator start(int port, ServerIdentity identity, Login login) {
        return new MailSimulator(port, identity, login);
    }

    /// Starts without TLS and without login, for tests.
    public static MailSimulator startInsecurePlain(int port) {
        return new MailSimulator(port, null, null);
    }

    public int port() {
        return listener.port();
    }

    @Nullable
    SslContext tls() {
        return tls;
    }

    @Nullable
    Login login() {
        return login;
    }

    /// Refuses the next `times` messages for now (451), after their content came.
    public synchronized void failNext(int times) {
        if (times < 0) {
            throw new IllegalArgumentException("times (%d) must not be negative".formatted(times));
        }
        failures = times;
    }

    /// Takes no connection and cuts those that are open, until [#up()].
    public void down() {
        synchronized (this) {
            down = true;
        }
        listener.cutAll();
    }

    public synchronized void up() {
        down = false;
    }

    private synchronized boolean isDown() {
        return down;
    }

    /// What was taken until now.
    public synchronized List<Message> messages() {
        return List.copyOf(messages);
    }

    /// Waits until `count` messages were taken.
    ///
    /// @return whether they came in time
    public synchronized boolean await(int count, Duration patience) throws InterruptedException {
        long until = System.nanoTime() + patience.toNanos();
        while (messages.size() < count) {
            long left = until - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    /// Everything that was sent here, refused mail too.
    public Received received() {
        return received;
    }

    /// Whether the message is taken.
    synchronized boolean take(Message message) {
        if (failures > 0 || messages.size() >= MOST_MESSAGES) {
            failures = Math.max(0, failures - 1);
            return false;
        }
        messages.add(message);
        notifyAll();
        return true;
    }

    @Override
    public void close() {
        listener.close();
    }
}
