package dev.sotto.server.call;

import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.NodeFile;
import dev.sotto.server.node.ServerError;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Many calls at once to a demo node, each from another number, until closed.
public final class CallCrowd implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CallCrowd.class);
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(30);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);
    private static final Duration BETWEEN = Duration.ofMillis(20);

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger connected = new AtomicInteger();
    private final CountDownLatch all;

    private CallCrowd(int calls) {
        all = new CountDownLatch(calls);
    }

    /// Places the calls and waits until each is connected or has failed.
    public static CallCrowd call(NodeClient node, int calls) throws InterruptedException {
        NodeFile.Demo demo = Optional.ofNullable(node.node().demo())
                .orElseThrow(() -> new UnavailableException(ServerError.CALL_FAILED, "the node is no demo"));
        var random = new SecureRandom();
        var line = new CallLine(
                node.http(),
                URI.create(node.node().media()).resolve("/twilio/voice"),
                demo.accountSid(),
                node.access().demoTwilioToken(),
                demo.number());
        var crowd = new CallCrowd(calls);
        for (int i = 0; i < calls; i++) {
            var call = new TwilioCall(line, "+1555012%04d".formatted(random.nextInt(10_000)), LONGEST, random);
            crowd.threads.add(Thread.ofVirtual().name("crowd-", i).start(() -> crowd.run(call)));
            Thread.sleep(BETWEEN);
        }
        crowd.all.await(CONNECT_PATIENCE.toSeconds(), TimeUnit.SECONDS);
        return crowd;
    }

    private void run(TwilioCall call) {
        var here = new AtomicBoolean();
        try {
            call.run(new SteadyCaller(LONGEST), _ -> {
                if (here.compareAndSet(false, true)) {
                    connected.incrementAndGet();
                    all.countDown();
                }
            });
        } catch (SottoException failure) {
            LOG.atWarn()
                    .addKeyValue("event", "server.crowd.failed")
                    .addKeyValue("code", failure.code().name())
                    .log("a call of the crowd failed");
        } finally {
            if (here.get()) {
                connected.decrementAndGet();
            } else {
                all.countDown();
            }
        }
    }

    /// How many are connected now.
    public int connected() {
        return connected.get();
    }

    /// Hangs all of them up and waits until they have.
    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        try {
            for (Thread thread : threads) {
                thread.join(CLOSE_PATIENCE);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
