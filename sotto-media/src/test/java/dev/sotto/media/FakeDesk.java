package dev.sotto.media;

import dev.sotto.core.CallId;
import dev.sotto.core.SensitiveText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// A desk with one account and one-time tokens, which remembers what happened.
final class FakeDesk implements CallDesk {
    static final String ACCOUNT = "AC0123456789abcdef0123456789abcdef";
    static final SensitiveText SECRET = SensitiveText.of("12345678901234567890123456789012");
    static final CallId CALL = new CallId(UUID.fromString("01960000-0000-7000-8000-000000000001"));

    private final Set<String> tokens = ConcurrentHashMap.newKeySet();
    private final List<Refusal> refusals = new ArrayList<>();
    final BlockingQueue<FakeListener> legs = new LinkedBlockingQueue<>();
    final BlockingQueue<IncomingCall> calls = new LinkedBlockingQueue<>();
    final BlockingQueue<StreamEnded> ended = new LinkedBlockingQueue<>();
    volatile Function<IncomingCall, Answer> answer = _ -> new Answer.Connect(CALL, SensitiveText.of(issueToken()));
    volatile AfterStream afterStream = new AfterStream.HangUp();
    volatile Runnable beforeConnect = () -> {};

    String issueToken() {
        String token = UUID.randomUUID().toString();
        tokens.add(token);
        return token;
    }

    @Override
    public Optional<SensitiveText> authToken(String accountSid) {
        return accountSid.equals(ACCOUNT) ? Optional.of(SECRET) : Optional.empty();
    }

    @Override
    public Answer answer(IncomingCall call) {
        calls.add(call);
        return answer.apply(call);
    }

    @Override
    public Optional<LegListener> connect(StreamStart start, CallLeg leg) {
        beforeConnect.run();
        var token = start.customParameters().getOrDefault("token", SensitiveText.of(""));
        if (!tokens.remove(token.reveal())) {
            return Optional.empty();
        }
        var listener = new FakeListener(start, leg);
        legs.add(listener);
        return Optional.of(listener);
    }

    @Override
    public AfterStream after(StreamEnded stream) {
        ended.add(stream);
        return afterStream;
    }

    @Override
    public synchronized void refused(Refusal refusal) {
        refusals.add(refusal);
        notifyAll();
    }

    FakeListener leg() throws InterruptedException {
        var leg = legs.poll(10, TimeUnit.SECONDS);
        if (leg == null) {
            throw new AssertionError("no leg was connected; refused: " + refusals());
        }
        return leg;
    }

    /// The leg that brought `token`, past any left over by others.
    FakeListener leg(String token) throws InterruptedException {
        while (true) {
            var leg = leg();
            if (leg.start.customParameters().get("token").reveal().equals(token)) {
                return leg;
            }
        }
    }

    synchronized List<Refusal> refusals() {
        return List.copyOf(refusals);
    }

    /// Waits until a refusal for `reason` was told.
    synchronized Refusal refusal(RefusalReason reason) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (true) {
            for (var refusal : refusals) {
                if (refusal.reason() == reason) {
                    return refusal;
                }
            }
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("no " + reason + " in " + refusals);
            }
            wait(left);
        }
    }

    static Map<String, String> voiceForm(String callSid) {
        return Map.of(
                "AccountSid",
                ACCOUNT,
                "CallSid",
                callSid,
                "From",
                "+15551230199",
                "To",
                "+15551230100",
                "CallStatus",
                "ringing",
                "Direction",
                "inbound",
                "ApiVersion",
                "2010-04-01");
    }
}
