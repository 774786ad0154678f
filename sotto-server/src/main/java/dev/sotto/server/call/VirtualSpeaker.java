package dev.sotto.server.call;

import dev.sotto.media.AudioClip;
import java.util.ArrayDeque;
import java.util.Deque;

/// Plays what the server sends as the carrier does: media in order and in real time, a mark when all audio
/// before it has been played, and at a clear nothing more of it, but every mark that waited. Times are of one
/// monotonic clock, in nanoseconds. What may wait is bounded. Belongs to one leg; not thread-safe.
final class VirtualSpeaker {
    static final int FRAME_BYTES = 160;
    private static final long SAMPLE_NANOS = 1_000_000_000L / AudioClip.SAMPLE_RATE_HERTZ;
    /// Audio that comes so soon after the speaker ran dry was meant to follow without a gap.
    private static final long GAP_NANOS = 200_000_000;

    /// Who hears it.
    interface Listener {
        /// Up to 20 ms have been played. The array is used again: copy what is kept.
        void played(long startNanos, long lengthNanos, byte[] mulaw, int length);

        /// Everything before the mark has been played, or was cleared.
        void mark(String name);
    }

    private sealed interface Item {
        record Audio(AudioClip clip) implements Item {}

        record Mark(String name) implements Item {}
    }

    private final int maxQueuedBytes;
    private final int maxItems;
    private final Listener listener;
    private final Deque<Item> queue = new ArrayDeque<>();
    private final byte[] frame = new byte[FRAME_BYTES];
    private int offset;
    private long queuedBytes;
    private long cursor;
    private boolean dryAfterAudio;

    private long playedBytes;
    private long clearedBytes;
    private int marks;
    private int clears;
    private int gaps;

    /// @param maxItems messages that may wait, however short
    VirtualSpeaker(int maxQueuedBytes, int maxItems, Listener listener) {
        this.maxQueuedBytes = maxQueuedBytes;
        this.maxItems = maxItems;
        this.listener = listener;
    }

    /// Queues audio.
    ///
    /// @return false, and nothing is queued, if more would wait than is allowed
    boolean play(long now, AudioClip audio) {
        advance(now);
        if (queue.size() >= maxItems || queuedBytes + audio.sizeBytes() > maxQueuedBytes) {
            return false;
        }
        if (queue.isEmpty()) {
            if (dryAfterAudio && now > cursor && now - cursor < GAP_NANOS) {
                gaps++;
            }
            cursor = Math.max(cursor, now);
        }
        queue.add(new Item.Audio(audio));
        queuedBytes += audio.sizeBytes();
        return true;
    }

    /// Queues a mark; with nothing before it, it comes back at once.
    ///
    /// @return false, and nothing is queued, if more would wait than is allowed
    boolean mark(long now, String name) {
        advance(now);
        if (queue.size() >= maxItems) {
            return false;
        }
        queue.add(new Item.Mark(name));
        advance(now);
        return true;
    }

    /// Drops what was not played; the marks in it come back in order.
    void clear(long now) {
        advance(now);
        clears++;
        clearedBytes += queuedBytes;
        queuedBytes = 0;
        offset = 0;
        dryAfterAudio = false;
        var dropped = new ArrayDeque<>(queue);
        queue.clear();
        for (Item item : dropped) {
            if (item instanceof Item.Mark(String name)) {
                echo(name);
            }
        }
    }

    /// Plays up to `now`.
    void advance(long now) {
        for (Item item = queue.peek(); item != null; item = queue.peek()) {
            switch (item) {
                case Item.Mark(String name) -> {
                    queue.remove();
                    dryAfterAudio = false;
                    echo(name);
                }
                case Item.Audio(AudioClip clip) -> {
                    if (!playFrame(clip, now)) {
                        return;
                    }
                }
            }
        }
    }

    private boolean playFrame(AudioClip clip, long now) {
        int length = Math.min(FRAME_BYTES, clip.sizeBytes() - offset);
        long lengthNanos = length * SAMPLE_NANOS;
        if (now - cursor < lengthNanos) {
            return false;
        }
        clip.copyTo(offset, frame, 0, length);
        listener.played(cursor, lengthNanos, frame, length);
        cursor += lengthNanos;
        offset += length;
        queuedBytes -= length;
        playedBytes += length;
        if (offset == clip.sizeBytes()) {
            queue.remove();
            offset = 0;
            dryAfterAudio = true;
        }
        return true;
    }

    private void echo(String name) {
        marks++;
        listener.mark(name);
    }

    /// Whether something waits to be played.
    boolean playing() {
        return queuedBytes > 0;
    }

    long playedNanos() {
        return playedBytes * SAMPLE_NANOS;
    }

    /// Audio that came and was cleared before it was played.
    long clearedNanos() {
        return clearedBytes * SAMPLE_NANOS;
    }

    int marks() {
        return marks;
    }

    int clears() {
        return clears;
    }

    /// How often audio came too late to follow what was played before it.
    int gaps() {
        return gaps;
    }
}
