package dev.sotto.media;

import dev.sotto.core.LimitedException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// What a leg has still to play, and when. Time is cut into slots of 20 ms from the start of the stream; a frame
/// belongs to one slot, is sent `lead` before it, and has been heard when it has passed. A frame that cannot be
/// sent before its slot begins moves, with all behind it, to the next slot that has not begun.
///
/// Frames leave together: when one is due, those behind it whose turn comes within 40 ms go with it, as long as none is
/// ahead of its slot by more than 200 ms. One wake-up, one TLS record and one write to the socket then serve three
/// frames. What was heard is reported as late as that too.
///
/// [#play] and [#clear] may be called from any thread. [#tick] belongs to the media clock: it never waits for the
/// lock, and allocates nothing.
final class OutboundAudio {
    static final int FRAME_BYTES = 160;
    static final int FRAME_MILLIS = 20;
    static final int MAX_MARK_CHARACTERS = 128;

    private static final long FRAME_NANOS = FRAME_MILLIS * 1_000_000L;
    /// What is due so soon is sent now, so that legs whose turns are close share a wake-up.
    private static final long SOON_NANOS = 5_000_000;
    private static final int TOGETHER = 3;
    private static final long MOST_AHEAD_NANOS = 200_000_000;
    private static final long RETRY_NANOS = 1_000_000;
    private static final long STALL_RETRY_NANOS = 5_000_000;
    private static final long IDLE_NANOS = 1_000_000_000;
    /// Clips and marks that may wait, however short they are.
    private static final int MAX_ITEMS = 512;
    /// More than the slots in the longest lead.
    private static final int IN_FLIGHT = 16;

    /// Where frames and marks go. Called on the media clock; nothing here may block or throw.
    interface Sink {
        boolean writable();

        /// Sends a frame, which is the caller's again on return.
        void media(byte[] frame, long dueNanos);

        void mark(String name);

        void sendClear();

        /// After the last of several sends.
        void flush();

        /// After a flush with the first frame of a clip in it.
        void begun(Runnable told);

        void heard(long positionMillis, byte[] frame);

        /// A frame lost its slot.
        void shifted();

        /// Audio is due and the socket has not been writable for so long.
        void stalled(long nanos);
    }

    /// One clip, the mark behind it, and who is told of its first frame.
    private record Item(AudioClip clip, String mark, long playedNanos, Runnable begun) {}

    private final long startNanos;
    private final long leadNanos;
    private final long togetherNanos;
    private final long maxQueuedBytes;
    private final LongSupplier nanos;
    private final Sink sink;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private final Deque<Item> queue = new ArrayDeque<>();
    private final Deque<String> clearedMarks = new ArrayDeque<>();
    private long queuedBytes;
    private int offset;
    private boolean cleared;

    // Of the media clock alone.
    private final byte[][] inFlight = new byte[IN_FLIGHT][FRAME_BYTES];
    private final long[] inFlightSlot = new long[IN_FLIGHT];
    private long sent;
    private long heard;
    private long nextSlot;
    private long stalledSince;
    private boolean stalled;
    private boolean markSent;
    private boolean sending;
    private long dueNanos;
    private final Deque<Runnable> begun = new ArrayDeque<>();

    OutboundAudio(long startNanos, Duration lead, Duration maxQueued, LongSupplier nanos, Sink sink) {
        this.startNanos = startNanos;
        this.leadNanos = lead.toNanos();
        this.togetherNanos = Math.clamp(MOST_AHEAD_NANOS - leadNanos, SOON_NANOS, (TOGETHER - 1) * FRAME_NANOS);
        this.maxQueuedBytes = maxQueued.toMillis() * AudioClip.SAMPLE_RATE_HERTZ / 1_000;
        this.nanos = nanos;
        this.sink = sink;
    }

    void play(AudioClip clip, String mark) {
        play(clip, mark, () -> {});
    }

    /// @param first told once the first frame was sent
    void play(AudioClip clip, String mark, Runnable first) {
        checkMark(mark);
        if (clip.isEmpty() && mark.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            if (queuedBytes + clip.sizeBytes() > maxQueuedBytes || queue.size() + clearedMarks.size() >= MAX_ITEMS) {
                throw new LimitedException(MediaError.QUEUE_FULL, "outbound queue is full");
            }
            queue.add(new Item(clip, mark, nanos.getAsLong(), first));
            queuedBytes += clip.sizeBytes();
        } finally {
            lock.unlock();
        }
    }

    void clear() {
        lock.lock();
        try {
            for (var item : queue) {
                if (!item.mark().isEmpty()) {
                    clearedMarks.add(item.mark());
                }
            }
            queue.clear();
            queuedBytes = 0;
            offset = 0;
            cleared = true;
        } finally {
            lock.unlock();
        }
    }

    /// Bytes that wait to be sent.
    long queuedBytes() {
        lock.lock();
        try {
            return queuedBytes;
        } finally {
            lock.unlock();
        }
    }

    /// Sends what is due, reports what was heard, and says in how many nanoseconds it wants to be called again.
    long tick(long now) {
        reportHeard(now);
        if (!lock.tryLock()) {
            return RETRY_NANOS;
        }
        boolean wrote = false;
        long wait;
        try {
            if (cleared) {
                if (!sink.writable()) {
                    return stall(now);
                }
                sendClear(now);
                wrote = true;
            }
            long before = sent;
            sending = false;
            wait = sendDue(now);
            wrote |= before != sent || markSent;
            markSent = false;
        } finally {
            lock.unlock();
        }
        if (wrote) {
            sink.flush();
        }
        for (var told = begun.poll(); told != null; told = begun.poll()) {
            sink.begun(told);
        }
        return Math.min(wait, untilHeard(now));
    }

    /// Reports frames whose slot has passed; what is left in flight is forgotten with this object.
    void reportHeard(long now) {
        while (heard < sent) {
            int at = (int) (heard % IN_FLIGHT);
            long slot = inFlightSlot[at];
            if (now - slotStart(slot + 1) < 0) {
                return;
            }
            heard++;
            sink.heard(slot * FRAME_MILLIS, inFlight[at]);
        }
    }

    private long sendDue(long now) {
        while (true) {
            @Nullable Item item = queue.peek();
            if (item == null) {
                stalled = false;
                return IDLE_NANOS;
            }
            if (offset >= item.clip().sizeBytes()) {
                if (!sink.writable()) {
                    return stall(now);
                }
                finish(item);
                continue;
            }
            long soonest = slotAt(now) + 1;
            if (nextSlot < soonest && item.playedNanos() - slotStart(nextSlot) >= 0) {
                nextSlot = soonest; // nothing was there for the slots between
            }
            long slot = Math.max(nextSlot, soonest);
            long sendAt = slotStart(slot) - leadNanos;
            if (sendAt - now > (sending ? togetherNanos : SOON_NANOS)) {
                return sendAt - now;
            }
            if (!sink.writable()) {
                return stall(now);
            }
            send(item, slot, now);
        }
    }

    private void send(Item item, long slot, long now) {
        long due = slotStart(nextSlot) - leadNanos;
        if (slot != nextSlot) {
            sink.shifted(); // it was there in time for a slot that has begun without it
        }
        due = due - item.playedNanos() < 0 ? item.playedNanos() : due;
        // What goes along before its time is as late as what it goes with.
        dueNanos = sending && due - now > 0 ? dueNanos : due;
        sending = true;
        int at = (int) (sent % IN_FLIGHT);
        byte[] frame = inFlight[at];
        int length = Math.min(FRAME_BYTES, item.clip().sizeBytes() - offset);
        item.clip().copyTo(offset, frame, 0, length);
        for (int i = length; i < FRAME_BYTES; i++) {
            frame[i] = Mulaw.SILENCE;
        }
        inFlightSlot[at] = slot;
        if (offset == 0) {
            begun.add(item.begun());
        }
        sent++;
        offset += length;
        queuedBytes -= length;
        nextSlot = slot + 1;
        stalled = false;
        sink.media(frame, dueNanos);
    }

    private void finish(Item item) {
        if (!item.mark().isEmpty()) {
            sink.mark(item.mark());
            markSent = true;
        }
        queue.remove();
        offset = 0;
    }

    /// The marks go first, so that Twilio returns them with its own.
    private void sendClear(long now) {
        for (var mark = clearedMarks.poll(); mark != null; mark = clearedMarks.poll()) {
            sink.mark(mark);
        }
        sink.sendClear();
        heard = sent;
        nextSlot = slotAt(now) + 1;
        cleared = false;
    }

    private long stall(long now) {
        if (!stalled) {
            stalled = true;
            stalledSince = now;
        }
        sink.stalled(now - stalledSince);
        return STALL_RETRY_NANOS;
    }

    private long untilHeard(long now) {
        if (heard == sent) {
            return IDLE_NANOS;
        }
        long last = Math.min(sent, heard + TOGETHER) - 1;
        return Math.max(0, slotStart(inFlightSlot[(int) (last % IN_FLIGHT)] + 1) - now);
    }

    private long slotAt(long now) {
        return Math.floorDiv(now - startNanos, FRAME_NANOS);
    }

    private long slotStart(long slot) {
        return startNanos + slot * FRAME_NANOS;
    }

    private static void checkMark(String mark) {
        if (mark.length() > MAX_MARK_CHARACTERS || !mark.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(
                    "mark must have at most %d printable ascii characters".formatted(MAX_MARK_CHARACTERS));
        }
    }
}
