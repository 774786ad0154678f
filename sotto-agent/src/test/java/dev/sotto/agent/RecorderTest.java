package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.FakeMeter;
import dev.sotto.testkit.Samples;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RecorderTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Executor VIRTUAL = task -> Thread.ofVirtual().start(task);

    private final AtomicLong position = new AtomicLong();
    private final FakeMeter meter = new FakeMeter();
    private final FakeCallFile file = new FakeCallFile();
    private final Recorder recorder = new Recorder(Recorder.Kind.CALL, position::get, Duration.ofMinutes(5), meter);

    private byte[] sealed() throws InterruptedException {
        recorder.stop();
        assertThat(recorder.awaitSealed(PATIENCE)).isTrue();
        return file.recordings.getFirst().audio();
    }

    private void keep() {
        recorder.keep(VIRTUAL, file::startRecording, () -> {}, () -> {});
    }

    private static byte[] tone(int value) {
        var frame = new byte[160];
        Arrays.fill(frame, (byte) value);
        return frame;
    }

    @Test
    void nothing_isKeptBeforeKeep() throws Exception {
        recorder.caller(0, tone(1));
        recorder.heard(0, tone(2));
        recorder.stop();

        assertThat(file.recordings).isEmpty();
        assertThat(recorder.begun()).isFalse();
    }

    @Test
    void caller_andAgent_areLinedUp() throws Exception {
        keep();
        position.set(100);
        recorder.heard(40, tone(2));
        recorder.caller(20, tone(1));
        recorder.caller(40, tone(3));
        var stereo = sealed();

        assertThat(stereo).hasSize(60 * 16);
        for (int i = 0; i < 60 * 8; i++) {
            assertThat(stereo[2 * i]).isEqualTo((byte) (i < 160 ? 0xFF : i < 320 ? 1 : 3));
            assertThat(stereo[2 * i + 1]).isEqualTo((byte) (i < 320 ? 0xFF : 2));
        }
    }

    @Test
    void callersClock_aheadOfOurs_movesTheBeginningOnlyALittle() throws Exception {
        recorder.caller(1_000_000_000, tone(1));
        keep();
        position.set(3_000);
        recorder.caller(2_000, tone(1));

        assertThat(sealed()).hasSize(2_020 * 16);
    }

    @Test
    void timeStamps_thatJumpAhead_makeNoSilence() throws Exception {
        keep();
        position.set(500);
        recorder.caller(Long.MAX_VALUE / 16, tone(1));
        recorder.caller(200_000, tone(1));
        recorder.caller(480, tone(1));

        assertThat(sealed()).hasSize(500 * 16);
        assertThat(meter.counted("agent.recorder.ahead")).isEqualTo(2);
    }

    @Test
    void negativeTimeStamps_areCountedAndGone() throws Exception {
        keep();
        recorder.caller(-20, tone(1));
        recorder.caller(Long.MIN_VALUE, tone(1));

        assertThat(sealed()).isEmpty();
        assertThat(meter.counted("agent.recorder.early")).isEqualTo(2);
    }

    @Test
    void fullRing_dropsTheOldestAndKeepsTheRestInPlace() throws Exception {
        var open = new CountDownLatch(1);
        position.set(60_000);
        var slow = new Recorder(Recorder.Kind.CALL, position::get, Duration.ofMinutes(5), meter);
        position.set(0);
        slow.keep(
                VIRTUAL,
                () -> {
                    try {
                        assertThat(open.await(10, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return file.startRecording();
                },
                () -> {},
                () -> {});
        position.set(60_000);
        for (int i = 0; i < 1_000; i++) {
            slow.caller(i * 20L, tone(i % 100));
        }
        open.countDown();
        slow.stop();
        assertThat(slow.awaitSealed(PATIENCE)).isTrue();
        var stereo = file.recordings.getFirst().audio();

        assertThat(meter.counted("agent.recorder.dropped")).isEqualTo(1_000 - 512);
        assertThat(stereo).hasSize(20_000 * 16);
        for (int i = 0; i < 1_000; i++) {
            assertThat(stereo[i * 320]).isEqualTo((byte) (i < 488 ? 0xFF : i % 100));
        }
    }

    @Test
    void sinkThatFails_isToldAndEndsTheRecording() throws Exception {
        var failed = new CountDownLatch(1);
        file.down = true;
        recorder.keep(VIRTUAL, file::startRecording, () -> {}, failed::countDown);

        assertThat(failed.await(10, TimeUnit.SECONDS)).isTrue();
        recorder.caller(0, tone(1));
        assertThat(recorder.awaitSealed(PATIENCE)).isFalse();
    }

    @Test
    void message_countsFromItsBeginningAndHoldsTheCallerOnly() throws Exception {
        position.set(7_000);
        var message = new Recorder(Recorder.Kind.MESSAGE, position::get, Duration.ofMinutes(2), meter);
        message.keep(VIRTUAL, file::startMessage, () -> {}, () -> {});
        position.set(7_100);
        message.heard(7_000, tone(9));
        message.caller(7_020, tone(5));
        message.stop();
        assertThat(message.awaitSealed(PATIENCE)).isTrue();
        var mono = file.messages.getFirst().audio();

        assertThat(mono).hasSize(40 * 8);
        assertThat(mono[0]).isEqualTo((byte) 0xFF);
        assertThat(mono[160]).isEqualTo((byte) 5);
    }

    @Test
    void bigPieces_areKeptWhole() {
        Samples.forAll(
                50,
                random -> {
                    var bytes = new byte[random.nextInt(1, 2_000)];
                    random.nextBytes(bytes);
                    return bytes;
                },
                bytes -> {
                    var one = new FakeCallFile();
                    position.set(10_000);
                    var big = new Recorder(Recorder.Kind.MESSAGE, position::get, Duration.ofMinutes(2), meter);
                    big.keep(VIRTUAL, one::startMessage, () -> {}, () -> {});
                    big.caller(10_000, bytes);
                    big.stop();
                    try {
                        assertThat(big.awaitSealed(PATIENCE)).isTrue();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    assertThat(one.messages.getFirst().audio()).isEqualTo(bytes);
                });
    }
}
