package dev.sotto.media;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.testkit.FakeMeter;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RefusalsTest {
    private static final int FLOOD = 100_000;

    /// A desk that takes a refusal only when let go.
    private static final class SlowDesk implements CallDesk {
        final CountDownLatch go = new CountDownLatch(1);
        final CountDownLatch taken = new CountDownLatch(1_000);
        final AtomicInteger told = new AtomicInteger();

        @Override
        public Optional<SensitiveText> authToken(String accountSid) {
            return Optional.empty();
        }

        @Override
        public Answer answer(IncomingCall call) {
            return new Answer.Refuse(Answer.RejectReason.BUSY);
        }

        @Override
        public Optional<LegListener> connect(StreamStart start, CallLeg leg) {
            return Optional.empty();
        }

        @Override
        public AfterStream after(StreamEnded ended) {
            return new AfterStream.HangUp();
        }

        @Override
        public void refused(Refusal refusal) {
            try {
                go.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            taken.countDown();
            if (told.incrementAndGet() == 1) {
                throw new IllegalStateException("a desk that cannot write");
            }
        }
    }

    @Test
    void report_ofAFlood_countsAllAndTellsABoundedNumberEvenToADeskThatThrows() throws Exception {
        var meter = new FakeMeter();
        var desk = new SlowDesk();
        try (var refusals = new Refusals(desk, meter)) {
            for (int i = 0; i < FLOOD; i++) {
                refusals.report(RefusalReason.BAD_SIGNATURE);
            }
            assertThat(meter.counted("media.refused.bad_signature")).isEqualTo(FLOOD);
            long untold = meter.counted(MediaMetrics.REFUSALS_UNREPORTED);
            assertThat(untold).isBetween(FLOOD - 1_100L, FLOOD - 1_000L);
            desk.go.countDown();
            assertThat(desk.taken.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(desk.told.get()).isLessThanOrEqualTo((int) (FLOOD - untold));
        }
    }
}
