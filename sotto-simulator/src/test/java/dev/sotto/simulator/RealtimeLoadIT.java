package dev.sotto.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Fifty calls at once in real time: the simulator stands on the other side of a benchmark, so it must cost little.
class RealtimeLoadIT {
    private static final int SESSIONS = 50;
    private static final String RESPOND = "{\"type\":\"response.create\"}";

    @Test
    void fiftySessions_inRealTime_needLittleOfOneCore() throws Exception {
        var config = ModelClient.config("healthcare-appointment")
                .withPace(Pace.REAL_TIME)
                .withMostRecordedBytes(0);
        try (var simulator = ModelSimulator.start(config);
                var client = new ModelClient(simulator.baseUri());
                var clock = Executors.newScheduledThreadPool(2);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            URI address = URI.create(simulator.realtimeUri() + "?model=simulator/healthcare-appointment");
            long[] cpu = new long[2];
            long[] wall = new long[2];
            for (int round = 0; round < 2; round++) { // the first warms up
                long before = cpuNanos();
                long began = System.nanoTime();
                var calls = new ArrayList<Callable<Integer>>();
                for (int i = 0; i < SESSIONS; i++) {
                    calls.add(() -> talk(client, address, clock));
                }
                for (var done : threads.invokeAll(calls)) {
                    assertThat(done.get()).isBetween(20, 40);
                }
                cpu[round] = cpuNanos() - before;
                wall[round] = System.nanoTime() - began;
            }
            double cores = cpu[1] / (double) wall[1];
            System.Logger log = System.getLogger("simulator.load");
            log.log(System.Logger.Level.INFO, "{0} sessions: {1} of a core", SESSIONS, Double.toString(cores));
            assertThat(wall[1]).isLessThan(Duration.ofSeconds(20).toNanos());
            assertThat(cores).isLessThan(0.5);
        }
    }

    /// Asks for the greeting and sends a frame of silence each 20 ms meanwhile; gives the pieces of sound that came.
    private static int talk(ModelClient client, URI address, ScheduledExecutorService clock) throws Exception {
        byte[] silence = new byte[160];
        Arrays.fill(silence, Mulaw.SILENCE);
        String frame = "{\"type\":\"input_audio_buffer.append\",\"audio\":\"%s\"}"
                .formatted(Base64.getEncoder().encodeToString(silence));
        try (var socket = new SocketClient(client.http, address)) {
            socket.configure();
            socket.send(RESPOND);
            var frames = clock.scheduleAtFixedRate(() -> socket.sendOrFail(frame), 0, 20, TimeUnit.MILLISECONDS);
            int[] pieces = new int[1];
            socket.await(
                    event -> {
                        String type = event.path("type").asString("");
                        pieces[0] += type.equals("response.output_audio.delta") ? 1 : 0;
                        return type.equals("response.done");
                    },
                    "response.done");
            assertThat(frames.isDone()).as("a frame could not be sent").isFalse();
            frames.cancel(false);
            return pieces[0];
        }
    }

    /// What the simulator's own threads have used.
    private static long cpuNanos() {
        var threads = ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (var info : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (info != null && info.getThreadName().startsWith("simulator-model")) {
                sum += threads.getThreadCpuTime(info.getThreadId());
            }
        }
        return sum;
    }
}
