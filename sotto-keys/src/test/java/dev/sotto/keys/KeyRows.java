package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.IdSource;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyRecords.Insertion;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Rows for the contracts of [KeyRecords].
final class KeyRows {
    static final IdSource IDS = new IdSource(Clock.systemUTC(), new SecureRandom());
    static final Instant NOW = Instant.parse("2026-03-01T09:30:00.123Z");
    static final KeyUri ROOT = new KeyUri("local:primary");
    static final int THREADS = 8;

    private KeyRows() {}

    static <T> List<T> atOnce(Callable<T> work) throws Exception {
        var start = new CyclicBarrier(THREADS);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var futures = new ArrayList<Future<T>>();
            for (int i = 0; i < THREADS; i++) {
                futures.add(executor.submit(() -> {
                    start.await();
                    return work.call();
                }));
            }
            var results = new ArrayList<T>();
            for (var future : futures) {
                results.add(future.get());
            }
            return results;
        }
    }

    static ErasableKey stands(Insertion insertion) {
        assertThat(insertion).isInstanceOf(Insertion.Stands.class);
        return ((Insertion.Stands) insertion).key();
    }

    /// Of a call of its own.
    static ErasableSlot slot(TenantId tenant) {
        return slot(tenant, DataClass.RECORDING, IDS.callId());
    }

    static ErasableSlot slot(TenantId tenant, DataClass dataClass, CallId call) {
        return ErasableSlot.of(tenant, dataClass, new KeyOwner.OfCall(call), KeyTier.PRIMARY);
    }

    static KeyRecord tenantKey(TenantId tenant, int version) {
        return row(KeySlot.tenant(tenant, KeyTier.PRIMARY), version);
    }

    static KeyRecord row(KeySlot slot, int version) {
        return new KeyRecord(
                UUID.randomUUID(), slot, version, KeyState.ACTIVE, "cobblestone-256", wrapped(ROOT, version), NOW);
    }

    static ErasableKey recordKey(ErasableSlot slot, int version) {
        return recordKey(slot, version, new KeyUri("key:" + new UUID(0, 1)));
    }

    static ErasableKey recordKey(ErasableSlot slot, int version, KeyUri kek) {
        return new ErasableKey(UUID.randomUUID(), slot, version, "cobblestone-256", wrapped(kek, version), NOW);
    }

    static WrappedKey wrapped(KeyUri kek, int filling) {
        byte[] bytes = new byte[105];
        Arrays.fill(bytes, (byte) filling);
        return WrappedKey.of(kek, bytes);
    }
}
