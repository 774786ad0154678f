package dev.sotto.server.call;

import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.ServerError;
import java.net.URI;
import java.net.http.WebSocket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// One call over Twilio Media Streams, from the webhook to the redirect behind the stream, in real time. Belongs to
/// the thread that runs it.
final class TwilioCall {
    private static final Duration SEND_TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_STREAMS = 3;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final CallLine line;
    private final String from;
    private final String callSid;
    private final String streamSid;
    private final Duration longest;

    private long sequence = 1;
    private @Nullable CompletableFuture<WebSocket> sending;

    /// @param from the caller's number, E.164
    /// @param longest when to hang up at the latest
    TwilioCall(CallLine line, String from, Duration longest, SecureRandom random) {
        this.line = line;
        this.from = from;
        this.longest = longest;
        this.callSid = CallLine.sid("CA", random);
        this.streamSid = CallLine.sid("MZ", random);
    }

    /// How a call went.
    ///
    /// @param callId Sotto's own id of it, if it gave one
    /// @param ending in words
    record Outcome(Optional<String> callId, Duration length, String ending) {}

    /// Runs the whole call.
    ///
    /// @param connected told Sotto's id of the call once the stream is open
    Outcome run(Caller caller, Consumer<String> connected) {
        Twiml answer = line.ask(line.voice(), callSid, from, "ringing");
        Optional<String> callId = Optional.empty();
        Duration length = Duration.ZERO;
        for (int streams = 0; streams < MAX_STREAMS; streams++) {
            if (answer.stream().isEmpty()) {
                return new Outcome(callId, length, answer.ending());
            }
            Twiml.Stream stream = answer.stream().get();
            callId = Optional.ofNullable(stream.parameters().get("call"));
            long began = System.nanoTime();
            boolean hungUp = stream(
                    stream,
                    caller,
                    () -> Optional.ofNullable(stream.parameters().get("call")).ifPresent(connected));
            length = length.plusNanos(System.nanoTime() - began);
            if (hungUp) {
                // A carrier whose caller has gone asks for nothing more.
                return new Outcome(callId, length, "hung up");
            }
            Optional<URI> redirect = answer.redirect();
            if (redirect.isEmpty()) {
                return new Outcome(callId, length, "ended");
            }
            answer = line.ask(line.voice().resolve(redirect.get()), callSid, from, "in-progress");
        }
        throw new UnavailableException(ServerError.CALL_FAILED, "the call was connected again too often");
    }

    /// True if the caller hung up, false if the server ended the stream.
    private boolean stream(Twiml.Stream stream, Caller caller, Runnable connected) {
        var inbox = new StreamInbox();
        WebSocket socket = line.open(stream.url(), inbox);
        try {
            send(socket, "{\"event\":\"connected\",\"protocol\":\"Call\",\"version\":\"1.0.0\"}");
            send(socket, start(stream.parameters()));
            connected.run();
            return talk(socket, inbox, caller);
        } finally {
            socket.abort();
        }
    }

    private boolean talk(WebSocket socket, StreamInbox inbox, Caller caller) {
        var playout = new Playout();
        long began = System.nanoTime();
        for (long tick = 0; ; tick++) {
            Duration due = Duration.ofMillis(tick * Frame.MILLIS);
            LockSupport.parkNanos(began + due.toNanos() - System.nanoTime());
            if (Thread.interrupted()) {
                Thread.currentThread().interrupt();
                return hangUp(socket);
            }
            Duration now = Duration.ofNanos(System.nanoTime() - began);
            if (!listen(inbox, playout, now)) {
                return false;
            }
            for (String mark : playout.due(now)) {
                send(socket, mark(mark));
            }
            Caller.Move move = caller.next(playout.hearing(now));
            if (move.hangsUp() || now.compareTo(longest) >= 0) {
                return hangUp(socket);
            }
            if (move.key().isPresent()) {
                send(socket, key(move.key().get()));
                playout.keyed();
            }
            send(socket, media(move.frame(), tick));
        }
    }

    private static boolean listen(StreamInbox inbox, Playout playout, Duration now) {
        for (StreamInbox.Message message = inbox.poll(); message != null; message = inbox.poll()) {
            switch (message) {
                case StreamInbox.Message.Media(int bytes) -> playout.media(bytes, now);
                case StreamInbox.Message.Mark(String name) -> playout.mark(name, now);
                case StreamInbox.Message.Clear _ -> playout.clear(now);
                case StreamInbox.Message.Closed _ -> {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean hangUp(WebSocket socket) {
        send(
                socket,
                JSON.writeValueAsString(Map.of(
                        "event",
                        "stop",
                        "sequenceNumber",
                        String.valueOf(sequence++),
                        "streamSid",
                        streamSid,
                        "stop",
                        Map.of("accountSid", line.accountSid(), "callSid", callSid))));
        await(socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
        return true;
    }

    private String start(Map<String, String> parameters) {
        return JSON.writeValueAsString(Map.of(
                "event",
                "start",
                "sequenceNumber",
                String.valueOf(sequence++),
                "streamSid",
                streamSid,
                "start",
                Map.of(
                        "accountSid",
                        line.accountSid(),
                        "streamSid",
                        streamSid,
                        "callSid",
                        callSid,
                        "tracks",
                        new String[] {"inbound"},
                        "mediaFormat",
                        Map.of("encoding", "audio/x-mulaw", "sampleRate", 8000, "channels", 1),
                        "customParameters",
                        parameters)));
    }

    private String media(Frame frame, long tick) {
        return "{\"event\":\"media\",\"sequenceNumber\":\"%d\",\"media\":{\"track\":\"inbound\",\"chunk\":\"%d\",\"timestamp\":\"%d\",\"payload\":\"%s\"},\"streamSid\":\"%s\"}"
                .formatted(sequence++, tick + 1, tick * Frame.MILLIS, frame.base64(), streamSid);
    }

    private String key(char digit) {
        return "{\"event\":\"dtmf\",\"streamSid\":\"%s\",\"sequenceNumber\":\"%d\",\"dtmf\":{\"track\":\"inbound_track\",\"digit\":\"%s\"}}"
                .formatted(streamSid, sequence++, digit);
    }

    private String mark(String name) {
        return JSON.writeValueAsString(Map.of(
                "event",
                "mark",
                "sequenceNumber",
                String.valueOf(sequence++),
                "streamSid",
                streamSid,
                "mark",
                Map.of("name", name)));
    }

    /// Sends after what is still being sent: the socket takes one message at a time.
    private void send(WebSocket socket, String message) {
        if (sending != null) {
            await(sending);
        }
        sending = socket.isOutputClosed() ? null : socket.sendText(message, true);
    }

    private static void await(CompletableFuture<WebSocket> sent) {
        try {
            sent.get(SEND_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException _) {
            // The stream is over; the inbox says so too.
        } catch (TimeoutException stuck) {
            throw new UnavailableException(ServerError.CALL_FAILED, "the stream takes no more audio", stuck);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
