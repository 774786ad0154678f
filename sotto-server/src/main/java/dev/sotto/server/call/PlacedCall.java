package dev.sotto.server.call;

import dev.sotto.core.BugException;
import dev.sotto.core.CallId;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One call under way, from the webhook to the last instruction. Thread-safe.
public final class PlacedCall {
    private static final int MAX_DOCUMENTS = 10;
    private static final Duration CLOSING = Duration.ofSeconds(5);
    private static final Duration BEYOND_LONGEST = Duration.ofSeconds(15);

    private final TwilioCaller.Parts parts;
    private final CallPlan plan;
    private final CallWatcher watcher;
    private final CallSids sids;
    private final long begun = System.nanoTime();
    private final CompletableFuture<CallReport> done = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private @Nullable CallerLeg leg;
    private boolean told;

    private volatile @Nullable CallId call;

    PlacedCall(TwilioCaller.Parts parts, CallPlan plan, CallWatcher watcher, CallSids sids) {
        this.parts = parts;
        this.plan = plan;
        this.watcher = watcher;
        this.sids = sids;
    }

    /// The carrier's name of this call.
    public String callSid() {
        return sids.call();
    }

    /// The server's name of this call, once its answer has given one.
    public Optional<CallId> call() {
        return Optional.ofNullable(call);
    }

    public boolean over() {
        return done.isDone();
    }

    /// Waits a while for the end.
    ///
    /// @return whether the call is over
    boolean overWithin(Duration wait) {
        try {
            done.get(wait.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException _) {
            return false;
        } catch (ExecutionException failure) {
            throw new IllegalStateException("a call ends with a report", failure);
        } catch (InterruptedException interrupted) {
            throw PeerFailures.interrupted(interrupted);
        }
    }

    /// Has the caller hang up, at once if a stream is open.
    public void hangUp() {
        lock.lock();
        try {
            told = true;
            if (leg != null) {
                leg.hangUp();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Tells the caller that the agent has given an answer.
    ///
    /// @param until end of the answer, time since the start of the stream
    public void answered(Duration until) {
        lock.lock();
        try {
            if (leg != null) {
                leg.answered(System.nanoTime(), until);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits for the end.
    ///
    /// @throws UnavailableException if the call is not over by then
    public CallReport await(Duration longest) {
        try {
            return done.get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new UnavailableException(
                    ServerError.CALL_FAILED, "the call is not over after %d s".formatted(longest.toSeconds()), late);
        } catch (ExecutionException failure) {
            throw new IllegalStateException("a call ends with a report", failure);
        } catch (InterruptedException interrupted) {
            throw PeerFailures.interrupted(interrupted);
        }
    }

    /// The whole call; runs on a thread of its own.
    void run() {
        CallReport.Ending ending;
        try {
            ending = converse();
        } catch (SottoException failure) {
            ending = new CallReport.Ending.Failed(failure);
        } catch (RuntimeException bug) { // the thread's root
            ending = new CallReport.Ending.Failed(new BugException(ServerError.CALL_FAILED, "a call broke", bug));
        }
        done.complete(
                new CallReport(sids.call(), call(), ending, Duration.ofNanos(System.nanoTime() - begun), heard()));
    }

    private Optional<CallReport.Heard> heard() {
        lock.lock();
        try {
            return Optional.ofNullable(leg).map(CallerLeg::heard);
        } finally {
            lock.unlock();
        }
    }

    private CallReport.Ending converse() {
        URI url = parts.voiceUrl();
        String status = "ringing";
        for (int documents = 0; documents < MAX_DOCUMENTS; documents++) {
            Step step = obey(TwimlReader.read(parts.http().post(url, form(status)), url));
            switch (step) {
                case Step.Over(CallReport.Ending ending) -> {
                    return ending;
                }
                case Step.Ask(URI next) -> {
                    url = next;
                    status = "in-progress";
                }
            }
        }
        throw new RejectedException(
                ServerError.CALL_FAILED, "the server redirects over %d times".formatted(MAX_DOCUMENTS));
    }

    private sealed interface Step {
        record Over(CallReport.Ending ending) implements Step {}

        record Ask(URI next) implements Step {}
    }

    private Step obey(List<TwimlVerb> verbs) {
        for (TwimlVerb verb : verbs) {
            switch (verb) {
                case TwimlVerb.Stream stream -> {
                    if (stream(stream)) {
                        return new Step.Over(new CallReport.Ending.HungUp());
                    }
                }
                case TwimlVerb.Redirect(URI next, String method) -> {
                    if (!method.equals("POST")) {
                        throw new RejectedException(ServerError.CALL_FAILED, "the server's Redirect must be by POST");
                    }
                    return new Step.Ask(next);
                }
                case TwimlVerb.Dial(String number) -> {
                    return new Step.Over(new CallReport.Ending.Transferred(number));
                }
                case TwimlVerb.Hangup _ -> {
                    return new Step.Over(new CallReport.Ending.Ended());
                }
                case TwimlVerb.Reject(String reason) -> {
                    return new Step.Over(new CallReport.Ending.Refused(reason));
                }
                case TwimlVerb.Say(String text) -> watcher.said(text);
                case TwimlVerb.Other(String name) -> watcher.skipped(name);
            }
        }
        return new Step.Over(new CallReport.Ending.Ended());
    }

    private Map<String, String> form(String status) {
        Map<String, String> form = new TreeMap<>();
        form.put("CallSid", sids.call());
        form.put("AccountSid", sids.account());
        form.put("From", plan.from().reveal());
        form.put("To", plan.to());
        form.put("CallStatus", status);
        form.put("Direction", "inbound");
        form.put("ApiVersion", "2010-04-01");
        return form;
    }

    /// Runs one stream to its end.
    ///
    /// @return whether the caller hung up
    private boolean stream(TwimlVerb.Stream stream) {
        SensitiveText named = stream.parameters().get("call");
        if (named != null) {
            call = CallId.parse(named.reveal());
        }
        var running = new Running();
        var socket = new StreamSocket(running);
        running.socket = socket;
        parts.http().open(stream.url(), socket);
        CallerLeg opened = new CallerLeg(sids, plan, System.nanoTime(), socket, watcher);
        lock.lock();
        try {
            leg = opened;
            opened.begin(stream.parameters());
            if (told) {
                opened.hangUp();
            }
        } finally {
            lock.unlock();
        }
        parts.clock().add(running);
        watcher.streaming(call());
        try {
            return await(running, opened);
        } finally {
            parts.clock().remove(running);
            socket.abort();
        }
    }

    private boolean await(Running running, CallerLeg opened) {
        long end = System.nanoTime() + plan.longest().plus(BEYOND_LONGEST).toNanos();
        try {
            while (!running.over.await(CLOSING.toMillis(), TimeUnit.MILLISECONDS)) {
                if (stopped(opened)) {
                    return true; // the peer does not close its side: not ours to wait for
                }
                if (System.nanoTime() - end > 0) {
                    throw new UnavailableException(ServerError.CALL_FAILED, "the stream does not end");
                }
            }
        } catch (InterruptedException interrupted) {
            throw PeerFailures.interrupted(interrupted);
        }
        if (stopped(opened)) {
            return true;
        }
        switch (running.failure) {
            case null -> {}
            case SottoException violation -> throw violation;
            case IOException broken -> watcher.broke(PeerFailures.of(broken, parts.voiceUrl()));
            case Throwable other -> watcher.broke(new BugException(ServerError.CALL_FAILED, "the stream broke", other));
        }
        return false;
    }

    private boolean stopped(CallerLeg opened) {
        lock.lock();
        try {
            return opened.stopped();
        } finally {
            lock.unlock();
        }
    }

    /// A stream, as the clock and the socket see it.
    private final class Running implements CallClock.Ticker, StreamSocket.Incoming {
        private final CountDownLatch over = new CountDownLatch(1);
        private @Nullable StreamSocket socket;
        private volatile @Nullable Throwable failure;

        @Override
        public boolean tick(long now) {
            boolean more = false;
            lock.lock();
            try {
                if (leg != null && over.getCount() > 0) {
                    more = leg.tick(now);
                }
            } finally {
                lock.unlock();
            }
            if (!more && socket != null) {
                socket.close();
            }
            return more;
        }

        @Override
        public void received(ServerMessage message) {
            long now = System.nanoTime();
            lock.lock();
            try {
                if (leg != null) {
                    leg.received(now, message);
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void ended(@Nullable Throwable cause) {
            failure = cause;
            over.countDown();
        }
    }
}
