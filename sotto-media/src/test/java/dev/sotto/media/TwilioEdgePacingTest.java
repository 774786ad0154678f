package dev.sotto.media;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.sotto.testkit.FakeMeter;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Pacing by the real clock, with bounds that a busy machine keeps.
class TwilioEdgePacingTest {
    private static final int LEGS = 10;
    private static final int FRAMES = 100;

    @Test
    void legs_playingAtOnce_getEachFrameInItsSlotAndHearAllOfIt() throws Exception {
        var desk = new FakeDesk();
        var limits = EdgeLimits.defaults();
        try (var edge = TwilioEdge.start(TwilioEdgeCallTest.config(limits), desk, new FakeMeter());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var readers = new ArrayList<Future<Long>>();
            var callers = new ArrayList<TwilioCaller>();
            var legs = new ArrayList<FakeListener>();
            for (int i = 0; i < LEGS; i++) {
                var caller = TwilioCaller.call(edge.port(), desk.issueToken());
                callers.add(caller);
                legs.add(desk.leg());
                readers.add(threads.submit(() -> readUntilMark(caller)));
            }
            edge.resetLateness();
            for (var leg : legs) {
                leg.leg.play(AudioClip.silence(Duration.ofMillis(20L * FRAMES)), "end");
            }
            for (var reader : readers) {
                long millis = reader.get(20, TimeUnit.SECONDS);
                // Two seconds of audio come in two seconds less the lead, not at once.
                assertThat(millis).isBetween(1_600L, 10_000L);
            }
            for (var leg : legs) {
                for (int i = 0; i < FRAMES; i++) {
                    assertThat(leg.heard.poll(10, TimeUnit.SECONDS)).isNotNull();
                }
            }
            var lateness = edge.lateness();
            assertThat(lateness.frames()).isEqualTo((long) LEGS * FRAMES);
            assertThat(lateness.p50()).isLessThan(Duration.ofMillis(100));
            for (var caller : callers) {
                caller.close();
            }
        }
    }

    private static long readUntilMark(TwilioCaller caller) throws Exception {
        long begun = 0;
        while (true) {
            String text = caller.read().text();
            begun = begun == 0 ? System.nanoTime() : begun;
            if (text.contains("\"mark\"")) {
                return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            }
        }
    }

    @Test
    void tick_onceWarm_allocatesNothing() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long[] now = {0};
        var audio = new OutboundAudio(0, Duration.ofMillis(160), Duration.ofMinutes(5), () -> now[0], new Silent());
        audio.play(AudioClip.silence(Duration.ofMinutes(5)), "");
        var writer = new StreamWriter(TwilioCaller.STREAM);
        var frame = new byte[OutboundAudio.FRAME_BYTES];
        for (int i = 0; i < 5_000; i++) {
            now[0] += 20_000_000;
            audio.tick(now[0]);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 5_000; i++) {
            now[0] += 20_000_000;
            audio.tick(now[0]);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(5_000); // under a byte a frame
        var sent = writer.media(UnpooledByteBufAllocator.DEFAULT, frame);
        assertThat(sent.readableBytes()).isEqualTo(4 + 216 + 89);
        sent.release();
    }

    private static final class Silent implements OutboundAudio.Sink {
        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public void media(byte[] frame, long dueNanos) {}

        @Override
        public void mark(String name) {}

        @Override
        public void sendClear() {}

        @Override
        public void flush() {}

        @Override
        public void begun(Runnable told) {}

        @Override
        public void heard(long positionMillis, byte[] frame) {}

        @Override
        public void shifted() {}

        @Override
        public void stalled(long nanos) {}
    }
}
