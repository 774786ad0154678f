package dev.sotto.benchmarks.sealing;

import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SealContext;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyLifecycle;
import dev.sotto.keys.KeyTier;
import dev.sotto.store.StoreFixture;
import dev.sotto.store.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/// Record keys wrapped anew under the next class key, in a real Postgres that forces what it acknowledges to the disk.
final class Rewrapping {
    private static final int MAKERS = 16;
    private static final double SECOND = 1e9;

    private Rewrapping() {}

    /// Keys a second.
    ///
    /// @param keys how many there are, each of a call of its own
    static double measure(int keys) throws IOException {
        Path objects = Files.createTempDirectory("sotto-bench-objects-");
        try (var fixture = new StoreFixture(TestPostgres.shared(), objects)) {
            var tenant = fixture.tenant().id();
            make(fixture, tenant, keys);
            var lifecycle = fixture.keys.lifecycle();
            lifecycle.rotateClassKey(tenant, DataClass.TRANSCRIPT, KeyTier.PRIMARY, StoreFixture.USER);
            long began = System.nanoTime();
            long done = 0;
            KeyLifecycle.Progress step;
            do {
                step = lifecycle.rewrapRecordKeys(
                        tenant, DataClass.TRANSCRIPT, KeyTier.PRIMARY, KeyLifecycle.MAX_STEP, StoreFixture.USER);
                done += step.done();
            } while (step.left() > 0 && step.done() > 0);
            long took = System.nanoTime() - began;
            if (done != keys || step.left() != 0) {
                throw new IllegalStateException("%d of %d keys were wrapped anew".formatted(done, keys));
            }
            return done / (took / SECOND);
        } finally {
            Files.deleteIfExists(objects);
        }
    }

    /// A key is made at the first seal of a call.
    private static void make(StoreFixture fixture, TenantId tenant, int keys) {
        var made = new AtomicInteger();
        try (var makers = Executors.newFixedThreadPool(MAKERS)) {
            var all = IntStream.range(0, MAKERS)
                    .mapToObj(_ -> CompletableFuture.runAsync(
                            () -> {
                                for (int n = made.incrementAndGet(); n <= keys; n = made.incrementAndGet()) {
                                    seal(fixture, tenant, n);
                                }
                            },
                            makers))
                    .toArray(CompletableFuture<?>[]::new);
            CompletableFuture.allOf(all).join();
        }
    }

    private static void seal(StoreFixture fixture, TenantId tenant, long number) {
        var owner = new KeyOwner.OfCall(new CallId(new UUID(11, number)));
        var context = new SealContext(tenant, DataClass.TRANSCRIPT, owner, "turn", "1", "text", 1);
        fixture.keys.sealer().seal(context, new byte[] {1});
    }
}
