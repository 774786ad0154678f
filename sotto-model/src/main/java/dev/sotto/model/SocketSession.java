package dev.sotto.model;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.DeniedException;
import dev.sotto.core.Passage;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A realtime session over a WebSocket (RFC 6455). The socket's thread reads, one thread of its own writes and watches
/// the times, and both end with it. Thread-safe.
final class SocketSession implements RealtimeSession {
    private static final Duration LONGEST_FRAME = Duration.ofSeconds(1);
    private static final long WATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long GOODBYE_MILLIS = 200;
    private static final int NORMAL_CLOSURE = 1_000;

    private final ModelHttp http;
    private final RealtimeSettings settings;
    private final Passage passage;
    private final ClientEvents events;
    private final Inbox inbox = new Inbox();
    private final Outbox outbox = new Outbox();
    private final ReentrantLock lock = new ReentrantLock();
    private final RealtimeOrder order;
    private final SessionWatch watch;
    private final AtomicLong eventNumber = new AtomicLong();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean released = new AtomicBoolean();
    private final @Nullable FirResampler widener;
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
        this.widener = settings.format() == RealtimeSettings.Format.PCM_24K ? FirResampler.up(3) : null;
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
        var builder = http.client()
                .newWebSocketBuilder()
                .connectTimeout(http.provider().limits().connect());
        http.key(builder::header);
        boolean beta = settings.dialect() == RealtimeSettings.Dialect.BETA;
        if (beta) {
            builder.header("OpenAI-Beta", "realtime=v1");
        }
        CompletableFuture<WebSocket> opening =
                builder.buildAsync(http.provider().address("ws", "realtime", query(beta)), new Reader());
        try {
            var opened = opening.get(until - http.nanoTime().getAsLong(), TimeUnit.NANOSECONDS);
            permit = given;
            socket = opened;
            return new ModelHttp.Try.Answered<>(opened);
        } catch (TimeoutException late) {
            given.failed();
            abandon(opening);
            return new ModelHttp.Try.Failed<>(
                    new UnavailableException(ModelError.FIRST_BYTE_LATE, "the provider did not open a session in time"),
                    -1);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof WebSocketHandshakeException refused) {
                var answer = refused.getResponse();
                return http.refused(answer.statusCode(), answer.headers(), given);
            }
            return http.notSent(failed, given);
        } catch (InterruptedException interrupted) {
            abandon(opening);
            throw interrupted;
        }
    }

    private static void abandon(CompletableFuture<WebSocket> opening) {
        opening.cancel(true);
        var _ = opening.whenComplete((late, _) -> {
            if (late != null) {
                late.abort();
            }
        });
    }

    private String query(boolean beta) {
        if (settings.purpose() == RealtimeSettings.Purpose.TRANSCRIPTION) {
            return "intent=transcription";
        }
        return (beta ? "deployment=" : "model=") + settings.model();
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
        var wanted = widener == null ? AudioChunk.Encoding.MULAW : AudioChunk.Encoding.PCM16;
        if (frame.encoding() != wanted
                || frame.rateHertz() != FirResampler.NARROW_RATE_HERTZ
                || frame.length().compareTo(LONGEST_FRAME) > 0) {
            throw new IllegalArgumentException(
                    "frame must be %s of 8 kHz and at most %s".formatted(wanted, LONGEST_FRAME));
        }
        if (ended.get()) {
            return Hearing.ENDED;
        }
        if (!passage.open()) {
            fail(passageClosed());
            return Hearing.REFUSED;
        }
        if (outbox.add(frame)) {
            return Hearing.TAKEN;
        }
        http.meter().count(ModelMetrics.FRAMES_DROPPED);
        return Hearing.TAKEN_FOR_OLDEST;
    }

    private static DeniedException passageClosed() {
        return new DeniedException(ModelError.PASSAGE_CLOSED, "the passage for audio is not open");
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
                    write(to, next);
                }
                watched(to);
            }
        } catch (SottoException failure) {
            fail(failure);
        } catch (InterruptedException closing) {
            // The thread ends here, after one more word.
        } finally {
            fail(cancelled());
            goodbye(to);
        }
    }

    private void write(WebSocket to, Outbox.Outgoing next) throws InterruptedException {
        switch (next) {
            case Outbox.Outgoing.Event(String json) -> written(to.sendText(json, true));
            case Outbox.Outgoing.Audio(AudioChunk frame) -> {
                if (!passage.open()) {
                    throw passageClosed();
                }
                byte[] bytes = widener == null
                        ? frame.bytes()
                        : AudioChunk.pcm16(widener.feed(frame.samples()), 3 * FirResampler.NARROW_RATE_HERTZ)
                                .bytes();
                passage.sent(1, bytes.length);
                written(to.sendText(events.append(eventId(), bytes), true));
            }
        }
    }

    private void written(CompletableFuture<WebSocket> sending) throws InterruptedException {
        try {
            sending.get(http.provider().limits().idle().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw new UnavailableException(ModelError.SESSION_STALLED, "the provider takes nothing more");
        } catch (ExecutionException failed) {
            throw gone();
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
            written(to.sendPing(ByteBuffer.allocate(0)));
        }
    }

    private void goodbye(WebSocket to) {
        if (polite && !to.isOutputClosed()) {
            try {
                to.sendClose(NORMAL_CLOSURE, "").get(GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException unheard) {
                // Then without.
            } catch (InterruptedException hurried) {
                Thread.currentThread().interrupt();
            }
        }
        to.abort();
    }

    private static UnavailableException gone() {
        return new UnavailableException(ModelError.SESSION_ENDED, "the provider ended the session");
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

    /// The socket's thread. Messages are read one at a time, as fast as events are taken.
    private final class Reader implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();
        private long bytes;

        @Override
        public void onOpen(WebSocket from) {
            from.request(1);
        }

        @Override
        public @Nullable CompletableFuture<?> onText(WebSocket from, CharSequence data, boolean last) {
            watch.received();
            message.append(data);
            bytes += utf8Length(data);
            if (bytes > WireJson.MAX_MESSAGE_BYTES) {
                end(
                        from,
                        new UnavailableException(
                                ModelError.ANSWER_TOO_LARGE,
                                "a message of a session must be at most %d bytes"
                                        .formatted(WireJson.MAX_MESSAGE_BYTES)));
                return null;
            }
            if (!last) {
                from.request(1);
                return null;
            }
            String whole = message.toString();
            message.setLength(0);
            bytes = 0;
            try {
                took(from, whole);
            } catch (SottoException failure) {
                end(from, failure);
            }
            return null;
        }

        private void took(WebSocket from, String whole) {
            var event = ServerEvent.read(whole);
            if (event.isEmpty()) {
                http.meter().count(ModelMetrics.EVENTS_UNKNOWN);
                from.request(1);
                return;
            }
            List<RealtimeEvent> meant;
            lock.lock();
            try {
                meant = order.take(event.get());
                if (event.get().ofResponse()) {
                    watch.progressed();
                }
            } finally {
                lock.unlock();
            }
            inbox.add(meant, whole.length(), () -> from.request(1));
        }

        private void end(WebSocket from, SottoException failure) {
            message.setLength(0);
            fail(failure);
            from.abort();
        }

        @Override
        public @Nullable CompletableFuture<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
            end(from, ServerEvent.broken("a message of a session must be text"));
            return null;
        }

        @Override
        public @Nullable CompletableFuture<?> onPing(WebSocket from, ByteBuffer message) {
            watch.received();
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletableFuture<?> onPong(WebSocket from, ByteBuffer message) {
            watch.received();
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletableFuture<?> onClose(WebSocket from, int status, String reason) {
            end(from, gone());
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            end(from, gone());
        }
    }

    private static long utf8Length(CharSequence text) {
        long length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return length;
    }
}
