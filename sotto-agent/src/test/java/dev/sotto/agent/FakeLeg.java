package dev.sotto.agent;

import dev.sotto.media.AudioClip;
import dev.sotto.media.CallLeg;
import dev.sotto.media.CloseReason;
import dev.sotto.media.LegListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A caller's phone in virtual time: what is played takes as long as it is, then its mark comes back.
final class FakeLeg implements CallLeg {
    private static final long PATIENCE_SECONDS = 10;
    private static final int FRAME_BYTES = 160;
    private static final Duration FRAME = Duration.ofMillis(20);

    private record Queued(String mark, Timers.Handle handle) {}

    private final FakeTimers timers;
    private final Duration began;
    private final LinkedBlockingQueue<AudioClip> played = new LinkedBlockingQueue<>();
    private final List<Queued> queued = new ArrayList<>();
    private final List<Timers.Handle> frames = new ArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile LegListener listener;
    private Duration ends = Duration.ZERO;
    private int clears;
    private boolean marksComeBack = true;
    private Duration unsent = Duration.ZERO;

    FakeLeg(FakeTimers timers) {
        this.timers = timers;
        this.began = timers.now();
    }

    void connect(LegListener to) {
        listener = to;
    }

    LegListener listener() {
        return listener;
    }

    /// From now on this peer sends no marks.
    synchronized void loseMarks() {
        marksComeBack = false;
    }

    @Override
    public synchronized void play(AudioClip clip, String mark, Runnable begun) {
        if (closed.getCount() == 0) {
            return;
        }
        var now = timers.now();
        var begins = ends.compareTo(now) > 0 ? ends : now;
        ends = begins.plus(clip.duration());
        frames(clip, begins.minus(now));
        queued.add(new Queued(mark, timers.media(ends.minus(now), () -> mark(mark))));
        played.add(clip);
        begun.run();
    }

    private void frames(AudioClip clip, Duration from) {
        var bytes = clip.toByteArray();
        for (int offset = 0; offset + FRAME_BYTES <= bytes.length; offset += FRAME_BYTES) {
            var frame = Arrays.copyOfRange(bytes, offset, offset + FRAME_BYTES);
            var begins = from.plus(FRAME.multipliedBy(offset / FRAME_BYTES));
            frames.add(timers.media(
                    begins.plus(FRAME),
                    () -> listener.heard(position().minus(FRAME).toMillis(), frame)));
        }
    }

    private void mark(String mark) {
        synchronized (this) {
            queued.removeIf(one -> one.mark().equals(mark));
            if (!marksComeBack) {
                return;
            }
        }
        listener.mark(mark);
    }

    @Override
    public void clear() {
        List<Queued> dropped;
        synchronized (this) {
            clears++;
            dropped = List.copyOf(queued);
            queued.clear();
            frames.forEach(Timers.Handle::cancel);
            frames.clear();
            ends = timers.now();
        }
        dropped.forEach(one -> {
            one.handle().cancel();
            listener.mark(one.mark());
        });
    }

    @Override
    public void close() {
        closed.countDown();
    }

    /// This peer has not taken so much of what was to be played.
    synchronized void takesLate(Duration late) {
        unsent = late;
    }

    @Override
    public synchronized Duration unsent() {
        return unsent;
    }

    @Override
    public Duration position() {
        return timers.now().minus(began);
    }

    /// The caller hangs up.
    void hangUp() {
        listener.closed(CloseReason.STOPPED);
    }

    synchronized int clears() {
        return clears;
    }

    /// What is said next; waits for it.
    AudioClip next() throws InterruptedException {
        var clip = played.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (clip == null) {
            throw new AssertionError("nothing was said");
        }
        return clip;
    }

    boolean silent() {
        return played.isEmpty();
    }

    /// Lets time pass until all that was said was heard.
    void playOut() {
        Duration left;
        synchronized (this) {
            left = ends.minus(timers.now());
        }
        if (left.isPositive()) {
            timers.advance(left);
        }
    }

    boolean awaitClosed() throws InterruptedException {
        return closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
