package dev.sotto.agent;

import dev.sotto.agent.CallFile.AudioSink;
import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lines up what the caller said and what the caller heard, and hands it to be sealed while the call runs. The caller's
/// audio is placed by its own time stamps, the agent's by when it was heard; where nothing came there is silence.
///
/// Keeps nothing before [#keep], and nothing that began before it. Audio is taken from any thread without waiting; it
/// is
/// sealed on a virtual thread. Thread-safe.
final class Recorder {
    private static final Logger log = LoggerFactory.getLogger(Recorder.class);
    private static final int CALLER = 0;
    private static final int AGENT = 1;
    private static final int BYTES_PER_MILLISECOND = 8;
    private static final int RING_PIECES = 512;
    private static final int WINDOW_MILLIS = 400;
    /// How far ahead of this node's clock a time stamp may be.
    private static final int AHEAD_MILLIS = 1_000;

    /// What is kept, and from when its time counts.
    enum Kind {
        /// Both channels; time counts from the start of the stream, so that turns and recording line up.
        CALL,
        /// The caller only; time counts from the start of the message.
        MESSAGE
    }

    private final Kind kind;
    private final LongSupplier positionMillis;
    private final long longestMillis;
    private final Meter meter;
    private final AudioRing ring;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean keeping;
    private volatile boolean begun;
    private volatile boolean kept;
    private volatile long fromMillis;
    private volatile long callerEndMillis;

    /// @param positionMillis milliseconds since the start of the stream, by this node's clock
    Recorder(Kind kind, LongSupplier positionMillis, Duration longest, Meter meter) {
        this.kind = kind;
        this.positionMillis = positionMillis;
        this.longestMillis = longest.toMillis();
        this.meter = meter;
        this.ring = new AudioRing(kind == Kind.CALL ? RING_PIECES : RING_PIECES / 2);
    }

    /// From now on audio is kept. Called once, after the announcement is in the audit log.
    ///
    /// @param sink opens what seals; called on the recorder's own thread
    /// @param whole told when all is sealed
    /// @param failed told if it could not be; what was durable by then is recovered later
    void keep(Executor executor, Supplier<AudioSink> sink, Runnable whole, Runnable failed) {
        // What a peer says of its time may not hold back the recording for long.
        long now = positionMillis.getAsLong();
        fromMillis = Math.max(now, Math.min(callerEndMillis, now + AHEAD_MILLIS));
        begun = true;
        keeping = true;
        executor.execute(() -> seal(sink, whole, failed));
    }

    /// The caller's audio. The array is not kept.
    void caller(long timestampMillis, byte[] mulaw) {
        if (!keeping) {
            callerEndMillis = Math.max(callerEndMillis, timestampMillis + mulaw.length / BYTES_PER_MILLISECOND);
            return;
        }
        put(CALLER, timestampMillis, mulaw);
    }

    /// Agent audio that the caller has heard. The array is not kept.
    void heard(long heardMillis, byte[] mulaw) {
        if (keeping && kind == Kind.CALL) {
            put(AGENT, heardMillis, mulaw);
        }
    }

    private void put(int channel, long atMillis, byte[] mulaw) {
        long from = fromMillis;
        if (atMillis < from) {
            meter.count("agent.recorder.early");
            return;
        }
        if (atMillis > positionMillis.getAsLong() + AHEAD_MILLIS) {
            // Time stamps that jump must not make hours of silence.
            meter.count("agent.recorder.ahead");
            return;
        }
        int overwritten = ring.put(channel, kind == Kind.MESSAGE ? atMillis - from : atMillis, mulaw);
        if (overwritten > 0) {
            meter.count("agent.recorder.dropped", overwritten);
        }
    }

    /// Keeps no more; what was taken is still sealed.
    void stop() {
        keeping = false;
        ring.close();
    }

    /// Waits until all is sealed, or it failed. True if it is sealed whole. Only after [#keep] and [#stop()].
    boolean awaitSealed(Duration timeout) throws InterruptedException {
        return done.await(timeout.toNanos(), TimeUnit.NANOSECONDS) && kept;
    }

    /// Whether [#keep] was called.
    boolean begun() {
        return begun;
    }

    private void seal(Supplier<AudioSink> open, Runnable whole, Runnable failed) {
        try (var sink = open.get()) {
            var timeline = new Timeline(kind == Kind.CALL ? 2 : 1, WINDOW_MILLIS, longestMillis, sink::write);
            var piece = new AudioRing.Piece();
            while (ring.take(piece)) {
                count(timeline.place(piece.channel, piece.atMillis, piece.mulaw, 0, piece.length));
            }
            timeline.finish();
            sink.finish();
            kept = true;
            whole.run();
        } catch (SottoException failure) {
            log.atError()
                    .addKeyValue("event", "agent.recorder.failed")
                    .addKeyValue("code", failure.code().name())
                    .log("a recording could not be sealed further");
            meter.count("agent.recorder.failed");
            failed.run();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            failed.run();
        } catch (RuntimeException bug) { // the root of the recorder's thread
            log.atError()
                    .addKeyValue("event", "agent.recorder.broken")
                    .addKeyValue("fault", bug.getClass().getName())
                    .log("a recorder stopped by a fault");
            meter.count("agent.recorder.failed");
            failed.run();
        } finally {
            stop();
            done.countDown();
        }
    }

    private void count(Timeline.Placed placed) {
        switch (placed) {
            case KEPT -> {
                // as it should be
            }
            case DUPLICATE -> meter.count("agent.recorder.duplicate");
            case LATE -> meter.count("agent.recorder.late");
            case TOO_FAR -> meter.count("agent.recorder.too_far");
        }
    }
}
