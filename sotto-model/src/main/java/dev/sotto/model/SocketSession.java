package dev.sotto.model;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.Passage;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A realtime session over a WebSocket (RFC 6455). The socket's thread reads, one thread of its own writes and watches
/// the times, and both end with it. Thread-safe.
final class SocketSession implements RealtimeSession {
    private static final Duration LONGEST_FRAME = Duration.ofSeconds(1);
    private static final long WATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ModelHttp http;
    private final RealtimeSettings settings;
    private final Passage passage;
    private final ClientEvents events;
    private final Inbox inbox = new Inbox();
    private final Outbox outbox = new Outbox();
    private final ReentrantLock lock = new ReentrantLock();
    private final RealtimeOrder order;
    private final SessionWatch watch;
    private final SessionReader reader;
    private final AtomicLong eventNumber = new AtomicLong();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean released = new AtomicBoolean();
    private final SessionSender sender;
    private final AudioChunk.Encoding encoding;
    private volatile CircuitBreaker.@Nullable Permit permit;
    private volatile @Nullable WebSocket socket;
    private volatile @Nullable Future<?> writer;
    private volatile boolean polite;
    private ChatRequest request;

    private SocketSession(ModelHttp http, RealtimeSettings settings, ChatRequest request, Passage passage) {
        this.http = http;
        this.settings = settings;
        this.request = request;
        this.passage = passage;
        this.events = new ClientEvents(settings);
        this.order = new RealtimeOrder(settings, http.provider().limits(), http.meter(), request, this::cancel);
        this.watch = new SessionWatch(http.provider().limits(), settings, http.nanoTime());
        this.reader = new SessionReader(inbox, watch, http.meter(), this::meant, this::fail);
        boolean wide = settings.format() == RealtimeSettings.Format.PCM_24K;
        this.encoding = wide ? AudioChunk.Encoding.PCM16 : AudioChunk.Encoding.MULAW;
        this.sender = new SessionSender(
                events, this::eventId, passage, wide, http.provider().limits().idle());
    }

    /// Opens a session and tells it its settings and the conversation so far.
    static SocketSession open(ModelHttp http, RealtimeSettings settings, ChatRequest request, Passage passage) {
        HttpTranscriber.requireOpen(passage);
        var session = new SocketSession(http, settings, request, passage);
        try {
            http.open(session::connect);
            session.begin();
            return session;
        } catch (SottoException failure) {
            session.fail(failure);
            session.tidy(failure); // if it failed before it held anything
            throw failure;
        }
    }

    private ModelHttp.Try<WebSocket> connect(long until, CircuitBreaker.Permit given) throws InterruptedException {
        var outcome = SessionConnect.attempt(http, settings, reader, until, given);
        if (outcome instanceof ModelHttp.Try.Answered<WebSocket> answered) {
            permit = given;
            socket = answered.answer();
        }
        return outcome;
    }

    /// Waits for the session, sets it up and tells it the conversation. No audio is taken before.
    private void begin() {
        long until = http.nanoTime().getAsLong()
                + http.provider().limits().firstByte().toNanos();
        try {
            writer = http.threads().submit(() -> write());
        } catch (RejectedExecutionException closed) {
            throw cancelled();
        }
        await(RealtimeEvent.SessionCreated.class, until);
        send(events.sessionUpdate(eventId(), request));
        await(RealtimeEvent.SessionUpdated.class, until);
        request.messages().forEach(message -> told(message, ""));
        http.meter().count(ModelMetrics.SESSIONS);
        var opened = permit;
        if (opened != null) {
            opened.succeeded();
        }
    }

    private void await(Class<? extends RealtimeEvent> wanted, long until) {
        while (true) {
            var event = inbox.next(Duration.ofNanos(until - http.nanoTime().getAsLong()))
                    .orElseThrow(() -> new UnavailableException(
                            ModelError.FIRST_BYTE_LATE, "the provider did not set up a session in time"));
            if (wanted.isInstance(event)) {
                return;
            }
            if (event instanceof RealtimeEvent.Refused) {
                throw new RejectedException(
                        ModelError.REQUEST_REFUSED, "the provider refused the settings of the session");
            }
        }
    }

    @Override
    public Optional<RealtimeEvent> next(Duration patience) {
        return inbox.next(patience);
    }

    @Override
    public Hearing hear(AudioChunk frame) {
        if (frame.encoding() != encoding
                || frame.rateHertz() != FirResampler.NARROW_RATE_HERTZ
                || frame.length().compareTo(LONGEST_FRAME) > 0) {
            throw new IllegalArgumentException(
                    "frame must be %s of 8 kHz and at most %s".formatted(encoding, LONGEST_FRAME));
        }
        if (ended.get()) {
            return Hearing.ENDED;
        }
        if (!passage.open()) {
            fail(SessionSender.passageClosed());
            return Hearing.REFUSED;
        }
        if (outbox.add(frame)) {
            return Hearing.TAKEN;
        }
        http.meter().count(ModelMetrics.FRAMES_DROPPED);
        return Hearing.TAKEN_FOR_OLDEST;
    }

    @Override
    public void commit() {
        send(events.commit(eventId()));
    }

    @Override
    public void forget() {
        send(events.clear(eventId()));
    }

    @Override
    public void tell(AllowedMessage message) {
        told(message.message(), "");
    }

    @Override
    public void replace(String itemId, AllowedMessage message) {
        ToolCall.requireId("itemId", itemId);
        if (message.message() instanceof Message.Agent agent && !agent.calls().isEmpty()) {
            throw new IllegalArgumentException("message must be one item");
        }
        told(message.message(), itemId);
        delete(itemId);
    }

    private void told(Message message, String after) {
        switch (message) {
            case Message.Caller caller ->
                send(events.userItem(eventId(), after, caller.text().reveal()));
            case Message.ToolResult result ->
                send(events.resultItem(
                        eventId(), after, result.callId(), result.result().reveal()));
            case Message.Agent agent -> {
                if (!agent.text().isEmpty()) {
                    send(events.agentItem(eventId(), after, agent.text().reveal()));
                }
                for (var call : agent.calls()) {
                    send(events.callItem(
                            eventId(),
                            after,
                            call.id(),
                            request().declared(call.name()),
                            call.arguments().reveal()));
                }
            }
        }
    }

    private ChatRequest request() {
        lock.lock();
        try {
            return request;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void delete(String itemId) {
        ToolCall.requireId("itemId", itemId);
        send(events.delete(eventId(), itemId));
    }

    @Override
    public void retrieve(String itemId) {
        ToolCall.requireId("itemId", itemId);
        send(events.retrieve(eventId(), itemId));
    }

    @Override
    public void truncate(String itemId, int contentIndex, Duration heard) {
        ToolCall.requireId("itemId", itemId);
        if (contentIndex < 0 || heard.isNegative()) {
            throw new IllegalArgumentException("contentIndex and heard must not be negative");
        }
        send(events.truncate(eventId(), itemId, contentIndex, heard));
    }

    @Override
    public void respond() {
        String eventId = eventId();
        lock.lock();
        try {
            order.asked(eventId);
            watch.asked();
        } finally {
            lock.unlock();
        }
        send(events.respond(eventId));
    }

    @Override
    public void cancel(String responseId) {
        ToolCall.requireId("responseId", responseId);
        send(events.cancel(eventId(), responseId));
    }

    @Override
    public void clearOutput() {
        send(events.clearOutput(eventId()));
    }

    @Override
    public void instruct(ChatRequest other) {
        lock.lock();
        try {
            request = other;
            order.instructed(other);
        } finally {
            lock.unlock();
        }
        send(events.sessionUpdate(eventId(), other));
    }

    private String eventId() {
        return "sotto_" + eventNumber.incrementAndGet();
    }

    /// After the end there is nothing to send; who takes the events learns of it.
    private void send(String json) {
        if (!ended.get()) {
            try {
                outbox.add(json);
            } catch (UnavailableException overrun) {
                fail(overrun);
            }
        }
    }

    /// The writer's thread: sends what waits, and watches the times.
    private void write() {
        var to = requireNonNull(socket, "socket");
        try {
            while (!ended.get()) {
                var next = outbox.take(WATCH_NANOS);
                if (next != null) {
                    sender.send(to, next);
                }
                watched(to);
            }
        } catch (SottoException failure) {
            fail(failure);
        } catch (InterruptedException closing) {
            // The thread ends here, after one more word.
        } finally {
            fail(cancelled());
            if (polite) {
                SessionSender.goodbye(to);
            }
            to.abort();
        }
    }

    private void watched(WebSocket to) throws InterruptedException {
        boolean ping;
        lock.lock();
        try {
            ping = watch.check(order.awaiting(), order.responding(), inbox.paused());
        } finally {
            lock.unlock();
        }
        if (ping) {
            sender.ping(to);
        }
    }

    private List<RealtimeEvent> meant(ServerEvent event) {
        lock.lock();
        try {
            var meant = order.take(event);
            if (event.ofResponse()) {
                watch.progressed();
            }
            return meant;
        } finally {
            lock.unlock();
        }
    }

    private static UnavailableException cancelled() {
        return new UnavailableException(ModelError.CANCELLED, "the session was closed");
    }

    /// Ends the session: the first reason stands.
    private void fail(SottoException reason) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        if (reason.code() != ModelError.CANCELLED) {
            ModelHttp.counted(http.meter(), reason);
        }
        inbox.fail(reason);
        outbox.clear();
        tidy(reason);
    }

    /// Lets go of what the session holds, as soon as it holds it.
    private void tidy(SottoException reason) {
        var open = socket;
        var given = permit;
        if (open == null || given == null || !released.compareAndSet(false, true)) {
            return;
        }
        if (ours(reason)) {
            given.forgotten();
        } else {
            given.failedLate();
        }
        http.release();
        var running = writer;
        if (running != null) {
            running.cancel(true);
        }
        if (!polite) {
            open.abort();
        }
    }

    /// Whether the reason says nothing about the provider's health.
    private static boolean ours(SottoException reason) {
        return reason.code() instanceof ModelError code
                && switch (code) {
                    case CANCELLED, INTERRUPTED, PASSAGE_CLOSED, SESSION_OVERRUN, SESSION_TOO_LONG, REQUEST_REFUSED ->
                        true;
                    default -> false;
                };
    }

    @Override
    public void close() {
        polite = true;
        inbox.clear();
        fail(cancelled());
    }
}
