package dev.sotto.media;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Remembers what a leg heard.
final class FakeListener implements LegListener {
    sealed interface Event {
        record Audio(long timestampMillis, AudioClip clip) implements Event {}

        record Dtmf(char digit) implements Event {}

        record Mark(String name) implements Event {}

        record Closed(CloseReason reason) implements Event {}
    }

    record Heard(long positionMillis, AudioClip clip) {}

    final StreamStart start;
    final CallLeg leg;
    final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    volatile boolean throwing;
    final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();

    FakeListener(StreamStart start, CallLeg leg) {
        this.start = start;
        this.leg = leg;
    }

    Event next() throws InterruptedException {
        var event = events.poll(10, TimeUnit.SECONDS);
        if (event == null) {
            throw new AssertionError("nothing happened on the leg");
        }
        return event;
    }

    CloseReason closed() throws InterruptedException {
        while (true) {
            if (next() instanceof Event.Closed(CloseReason reason)) {
                return reason;
            }
        }
    }

    @Override
    public void audio(long timestampMillis, byte[] mulaw) {
        if (throwing) {
            throw new IllegalStateException("a broken listener");
        }
        events.add(new Event.Audio(timestampMillis, AudioClip.of(mulaw)));
    }

    @Override
    public void heard(long positionMillis, byte[] mulaw) {
        heard.add(new Heard(positionMillis, AudioClip.of(mulaw)));
    }

    @Override
    public void dtmf(char digit) {
        events.add(new Event.Dtmf(digit));
    }

    @Override
    public void mark(String name) {
        events.add(new Event.Mark(name));
    }

    @Override
    public void closed(CloseReason reason) {
        events.add(new Event.Closed(reason));
    }
}
