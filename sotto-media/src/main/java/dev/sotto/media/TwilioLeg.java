package dev.sotto.media;

import dev.sotto.core.LimitedException;
import dev.sotto.core.Meter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A leg over one socket: paces audio into it and tells the listener what was heard. Once accepted it is ticked
/// by the media clock, until it was ended and the listener heard of it.
@SuppressWarnings("FutureReturnValueIgnored") // the outcome comes through the pipeline
final class TwilioLeg implements CallLeg, OutboundAudio.Sink, MediaClock.Ticker {
    /// More frames than ever are between a tick and the flush behind it.
    private static final int DUE_CAPACITY = 1_024;
    private static final long BROKEN_NANOS = 20_000_000;
    private static final Logger LOG = LoggerFactory.getLogger(TwilioLeg.class);

    /// What all legs of an edge share.
    record Shared(
            TwilioEdgeConfig config, MediaClock clock, LatenessRecorder lateness, LongSupplier nanos, Meter meter) {}

    private final Shared shared;
    private final Channel channel;
    private final StreamWriter writer;
    private final OutboundAudio audio;
    private final long startNanos;
    private final Consumer<CloseReason> end;
    private final AtomicBoolean closeAsked = new AtomicBoolean();
    private final Runnable flush = this::flushOnLoop;

    private volatile @Nullable LegListener listener;
    private volatile @Nullable CloseReason ended;
    /// Of the clock alone: the listener threw.
    private boolean broken;

    // The moments at which frames were due that are not known to be in the socket; written by the clock, read by
    // the loop.
    private final long[] due = new long[DUE_CAPACITY];
    private final AtomicLong dueWritten = new AtomicLong();
    private final AtomicLong dueRead = new AtomicLong();

    /// @param end called on the event loop when this leg wants the stream to end
    TwilioLeg(Shared shared, Channel channel, String streamSid, Consumer<CloseReason> end) {
        this.shared = shared;
        this.channel = channel;
        this.writer = new StreamWriter(streamSid);
        this.end = end;
        this.startNanos = shared.nanos().getAsLong();
        this.audio = new OutboundAudio(
                startNanos, shared.config().lead(), shared.config().limits().maxQueuedAudio(), shared.nanos(), this);
    }

    /// The desk took the stream. Nothing was sent before.
    void accept(LegListener accepted) {
        listener = accepted;
        shared.clock().add(this);
    }

    /// The stream is over; the clock tells the listener, after the last frame that was heard.
    void ended(CloseReason reason) {
        ended = reason;
        shared.clock().wake();
    }

    @Override
    public void play(AudioClip clip, String mark, Runnable begun) {
        if (ended != null) {
            return;
        }
        try {
            audio.play(clip, mark, begun);
        } catch (LimitedException full) {
            shared.meter().count(MediaMetrics.OUTBOUND_QUEUE_FULL);
            throw full;
        }
        shared.clock().wake();
    }

    @Override
    public void clear() {
        if (ended == null) {
            audio.clear();
            shared.clock().wake();
        }
    }

    @Override
    public void close() {
        if (ended == null && closeAsked.compareAndSet(false, true)) {
            onLoop(() -> end.accept(CloseReason.LEG_CLOSED));
        }
    }

    @Override
    public Duration unsent() {
        return ended != null
                ? Duration.ZERO
                : Duration.ofMillis(audio.queuedBytes() * 1_000 / AudioClip.SAMPLE_RATE_HERTZ);
    }

    @Override
    public Duration position() {
        return Duration.ofNanos(shared.nanos().getAsLong() - startNanos);
    }

    @Override
    public long tick(long now) {
        var reason = ended;
        if (broken) {
            return reason == null ? BROKEN_NANOS : tellClosed(reason);
        }
        try {
            if (reason == null) {
                return audio.tick(now);
            }
            audio.reportHeard(now);
        } catch (RuntimeException failure) { // the listener's; its leg ends, the others go on
            broken = true;
            failed(failure);
            return BROKEN_NANOS;
        }
        return tellClosed(reason);
    }

    private long tellClosed(CloseReason reason) {
        var told = listener;
        if (told != null) {
            told.closed(reason);
        }
        return MediaClock.DONE;
    }

    /// A listener threw, here or on the event loop.
    void failed(RuntimeException failure) {
        shared.meter().count(MediaMetrics.CALLBACK_FAILED);
        LOG.atError()
                .addKeyValue("event", "media.listener.failed")
                .addKeyValue("failure", failure.getClass().getSimpleName())
                .log("a listener threw");
        onLoop(() -> end.accept(CloseReason.FAILED));
    }

    @Override
    public boolean writable() {
        return channel.isWritable();
    }

    @Override
    public void media(byte[] frame, long dueNanos) {
        long written = dueWritten.get();
        if (written - dueRead.get() < DUE_CAPACITY) {
            due[(int) (written % DUE_CAPACITY)] = dueNanos;
            dueWritten.lazySet(written + 1);
        }
        write(writer.media(channel.alloc(), frame));
    }

    @Override
    public void mark(String name) {
        write(writer.mark(channel.alloc(), name));
    }

    @Override
    public void sendClear() {
        write(writer.clear(channel.alloc()));
    }

    @Override
    public void flush() {
        onLoop(flush);
    }

    @Override
    public void begun(Runnable told) {
        onLoop(told);
    }

    @Override
    public void heard(long positionMillis, byte[] frame) {
        var hearing = listener;
        if (hearing != null) {
            hearing.heard(positionMillis, frame);
        }
    }

    @Override
    public void shifted() {
        shared.lateness().shifted();
        shared.meter().count(MediaMetrics.OUTBOUND_SHIFTED);
    }

    @Override
    public void stalled(long nanos) {
        if (nanos > shared.config().limits().stallTimeout().toNanos() && closeAsked.compareAndSet(false, true)) {
            onLoop(() -> end.accept(CloseReason.STALLED));
        }
    }

    private void write(ByteBuf message) {
        channel.write(message, channel.voidPromise());
    }

    /// Counts lateness when the socket took everything; what it did not take is counted at a later flush.
    void flushOnLoop() {
        channel.flush();
        var pending = channel.unsafe().outboundBuffer();
        if (pending == null || pending.totalPendingWriteBytes() > 0) {
            return;
        }
        long now = shared.nanos().getAsLong();
        long until = dueWritten.get();
        for (long i = dueRead.get(); i < until; i++) {
            shared.lateness().record(now - due[(int) (i % DUE_CAPACITY)]);
        }
        dueRead.set(until);
    }

    private void onLoop(Runnable task) {
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException closed) {
            // The edge is closed and has ended every stream by itself.
        }
    }
}
