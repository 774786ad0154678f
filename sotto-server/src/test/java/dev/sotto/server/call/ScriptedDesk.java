package dev.sotto.server.call;

import dev.sotto.core.CallId;
import dev.sotto.core.IdSource;
import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.media.AfterStream;
import dev.sotto.media.Answer;
import dev.sotto.media.AudioClip;
import dev.sotto.media.CallDesk;
import dev.sotto.media.CallLeg;
import dev.sotto.media.CloseReason;
import dev.sotto.media.IncomingCall;
import dev.sotto.media.LegListener;
import dev.sotto.media.Mulaw;
import dev.sotto.media.Refusal;
import dev.sotto.media.StreamEnded;
import dev.sotto.media.StreamStart;
import dev.sotto.media.TwilioEdge;
import dev.sotto.media.TwilioEdgeConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;

/// A desk that does what a test says, behind a real edge on a port of its own.
public final class ScriptedDesk implements CallDesk, AutoCloseable {
    static final CarrierAccount ACCOUNT =
            new CarrierAccount("AC" + "0123456789abcdef".repeat(2), SensitiveText.of("a-token-of-a-test"));

    final List<IncomingCall> answered = new CopyOnWriteArrayList<>();
    final List<StreamEnded> ended = new CopyOnWriteArrayList<>();
    final List<Refusal> refusals = new CopyOnWriteArrayList<>();
    final List<Talk> talks = new CopyOnWriteArrayList<>();
    volatile Optional<Answer> answer = Optional.empty();
    volatile AfterStream after = new AfterStream.HangUp();
    volatile BiFunction<CallLeg, String, Talk> script = Talk::new;

    private final IdSource ids = new IdSource(Clock.systemUTC(), new SecureRandom());
    private final Map<String, CallId> offered = new ConcurrentHashMap<>();
    private final TwilioEdge edge;
    private final URI url;

    public ScriptedDesk() throws IOException {
        int port = freePort();
        url = URI.create("https://localhost:" + port);
        edge = TwilioEdge.start(new TwilioEdgeConfig("127.0.0.1", port, url, TestIdentity.SERVER), this, Meter.none());
    }

    public static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static AudioClip tone(int millis) {
        byte[] mulaw = new byte[millis * 8];
        for (int i = 0; i < mulaw.length; i++) {
            mulaw[i] = Mulaw.encode((short) (6_000 * Math.sin(i / 3.0)));
        }
        return AudioClip.of(mulaw);
    }

    public URI url() {
        return url;
    }

    /// The calls that were offered and answered.
    public List<IncomingCall> answered() {
        return answered;
    }

    URI voiceUrl() {
        return url.resolve("/twilio/voice");
    }

    /// One stream, as the agent's side hears it. A test overrides what it answers.
    static class Talk implements LegListener {
        final CallLeg leg;
        final List<Character> keys = new CopyOnWriteArrayList<>();
        final List<String> marks = new CopyOnWriteArrayList<>();
        final List<Long> timestamps = new CopyOnWriteArrayList<>();
        final List<AudioClip> audio = new CopyOnWriteArrayList<>();
        volatile Optional<CloseReason> closed = Optional.empty();

        Talk(CallLeg leg, String callSid) {
            this.leg = leg;
        }

        @Override
        public void audio(long timestampMillis, byte[] mulaw) {
            timestamps.add(timestampMillis);
            audio.add(AudioClip.of(mulaw));
        }

        @Override
        public void heard(long positionMillis, byte[] mulaw) {}

        @Override
        public void dtmf(char digit) {
            keys.add(digit);
        }

        @Override
        public void mark(String name) {
            marks.add(name);
        }

        @Override
        public void closed(CloseReason reason) {
            closed = Optional.of(reason);
        }
    }

    @Override
    public Optional<SensitiveText> authToken(String accountSid) {
        return accountSid.equals(ACCOUNT.sid()) ? Optional.of(ACCOUNT.authToken()) : Optional.empty();
    }

    @Override
    public Answer answer(IncomingCall call) {
        answered.add(call);
        return answer.orElseGet(() -> {
            CallId id = ids.callId();
            offered.put(call.callSid(), id);
            return new Answer.Connect(id, SensitiveText.of("token-of-" + id));
        });
    }

    @Override
    public Optional<LegListener> connect(StreamStart start, CallLeg leg) {
        CallId id = offered.get(start.callSid());
        if (!SensitiveText.of("token-of-" + id).equals(start.customParameters().get("token"))) {
            return Optional.empty();
        }
        Talk talk = script.apply(leg, start.callSid());
        talks.add(talk);
        return Optional.of(talk);
    }

    @Override
    public AfterStream after(StreamEnded over) {
        ended.add(over);
        return after;
    }

    @Override
    public void refused(Refusal refusal) {
        refusals.add(refusal);
    }

    @Override
    public void close() {
        edge.close();
    }
}
