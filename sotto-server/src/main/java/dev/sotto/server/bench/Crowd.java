package dev.sotto.server.bench;

import dev.sotto.core.CallId;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import dev.sotto.media.AudioClip;
import dev.sotto.media.Mulaw;
import dev.sotto.server.call.CallPlan;
import dev.sotto.server.call.CallReport;
import dev.sotto.server.call.CallTarget;
import dev.sotto.server.call.CallWatcher;
import dev.sotto.server.call.KeyPlan;
import dev.sotto.server.call.KeyTiming;
import dev.sotto.server.call.LocalTarget;
import dev.sotto.server.call.PlacedCall;
import dev.sotto.server.call.TwilioCaller;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.ServerError;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/// Callers who stay on the line: they speak now and then and press a key the receptionist does not know, so
/// that it goes on speaking. A call that ends is placed anew until the crowd is sent home. Thread-safe.
final class Crowd implements AutoCloseable {
    private static final Duration APART = Duration.ofMillis(40);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final int TONE_HERTZ = 440;
    private static final int LOUD = 8_000;
    /// Keys that are on no menu: each is answered with the whole prompt again, two of them without ending the
    /// call.
    private static final String UNKNOWN_KEYS = "*2 *2";

    private static final AudioClip VOICE = voice();

    private final TwilioCaller caller;
    private final CallTarget target;
    private final int size;
    private final CountDownLatch connected;
    private final AtomicInteger onTheLine = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final List<PlacedCall> placed = new CopyOnWriteArrayList<>();
    private final List<CallReport> reports = new CopyOnWriteArrayList<>();
    private final List<Thread> threads;
    private volatile boolean home;

    private Crowd(CallTarget target, int size) {
        this.target = target;
        this.size = size;
        this.caller = TwilioCaller.open(target.voiceUrl(), target.account(), target.trust());
        this.connected = new CountDownLatch(size);
        this.threads = IntStream.range(0, size)
                .mapToObj(number -> Thread.ofVirtual().name("crowd-" + number).unstarted(() -> stay(number)))
                .toList();
    }

    /// Has `size` callers call the demo that runs there; they come one after another within seconds.
    static Crowd call(NodePlaces places, int size) {
        var crowd =
                new Crowd(new LocalTarget(places).resolve(Optional.empty(), Optional.empty(), Optional.empty()), size);
        crowd.threads.forEach(Thread::start);
        return crowd;
    }

    /// Waits until each has been connected once.
    void awaitConnected() throws InterruptedException {
        if (!connected.await(PATIENCE.plus(APART.multipliedBy(size)).toMillis(), TimeUnit.MILLISECONDS)) {
            throw new UnavailableException(
                    ServerError.CALL_FAILED,
                    "only %d of %d calls were connected".formatted(size - connected.getCount(), size));
        }
    }

    /// How many are on the line now.
    int onTheLine() {
        return onTheLine.get();
    }

    /// Calls that broke or were not taken.
    int failures() {
        return failures.get();
    }

    /// What the calls that are over were like; all of them, once the crowd is home.
    List<CallReport> reports() {
        return List.copyOf(reports);
    }

    private void stay(int number) {
        LockSupport.parkNanos(APART.multipliedBy(number).toNanos());
        var first = new CountDownLatch(1);
        while (!home) {
            PlacedCall call = caller.place(plan(number), new CallWatcher() {
                @Override
                public void streaming(Optional<CallId> id) {
                    onTheLine.incrementAndGet();
                    if (first.getCount() > 0) {
                        first.countDown();
                        connected.countDown();
                    }
                }
            });
            placed.add(call);
            CallReport report = call.await(LONGEST.plus(PATIENCE).plus(PATIENCE));
            placed.remove(call);
            reports.add(report);
            if (report.heard().isPresent()) {
                onTheLine.decrementAndGet();
            }
            if (!home && !(report.ending() instanceof CallReport.Ending.Ended)) {
                failures.incrementAndGet();
                LockSupport.parkNanos(APART.multipliedBy(size).toNanos());
            }
        }
    }

    private CallPlan plan(int number) {
        return new CallPlan(
                SensitiveText.of("+1555012%04d".formatted(number)),
                target.to(),
                VOICE,
                KeyPlan.parse(UNKNOWN_KEYS),
                KeyTiming.patient(),
                false,
                LONGEST);
    }

    /// Two seconds of a tone, three of silence, for a minute: something to detect and to record.
    private static AudioClip voice() {
        byte[] mulaw = new byte[60 * AudioClip.SAMPLE_RATE_HERTZ];
        for (int i = 0; i < mulaw.length; i++) {
            boolean speaks = i / AudioClip.SAMPLE_RATE_HERTZ % 5 < 2;
            double phase = 2 * Math.PI * TONE_HERTZ * i / AudioClip.SAMPLE_RATE_HERTZ;
            mulaw[i] = speaks ? Mulaw.encode((short) (LOUD * Math.sin(phase))) : Mulaw.SILENCE;
        }
        return AudioClip.of(mulaw);
    }

    /// Everybody hangs up.
    @Override
    public void close() {
        home = true;
        placed.forEach(PlacedCall::hangUp);
        try {
            for (Thread thread : threads) {
                if (!thread.join(PATIENCE)) {
                    break;
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            caller.close();
        }
    }
}
