package dev.sotto.benchmarks.sealing;

import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SealContext;
import dev.sotto.keys.KeysFixture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/// Fields, and places in the middle of a file.
final class Small {
    private static final int FIELD_BYTES = 160;
    private static final int BATCH = 2_000;
    private static final int RANGE_BYTES = 64 * 1024;
    private static final double MICRO = 1e3;

    private final int rounds;

    Small(int rounds) {
        this.rounds = rounds;
    }

    /// Microseconds a field, key cached.
    record Field(double seal, double open) {}

    Field field() {
        try (var keys = new KeysFixture()) {
            var tenant = keys.tenant();
            var sealer = keys.service.sealer();
            byte[] words = Streams.plain(FIELD_BYTES).array();
            var owner = new KeyOwner.OfCall(new CallId(new UUID(5, 6)));
            var contexts = new ArrayList<SealContext>();
            for (int i = 0; i < BATCH; i++) {
                contexts.add(new SealContext(tenant, DataClass.TRANSCRIPT, owner, "turn", "turn-" + i, "text", 1));
            }
            List<Double> seals = new ArrayList<>();
            List<Double> opens = new ArrayList<>();
            // Ten times as many rounds, because one takes a few milliseconds.
            for (int round = -10 * rounds; round < 10 * rounds; round++) {
                var sealed = new ArrayList<byte[]>(BATCH);
                long began = System.nanoTime();
                for (SealContext context : contexts) {
                    sealed.add(sealer.seal(context, words));
                }
                long half = System.nanoTime();
                int length = 0;
                for (int i = 0; i < BATCH; i++) {
                    length += sealer.open(contexts.get(i), sealed.get(i)).length;
                }
                long end = System.nanoTime();
                if (length != BATCH * FIELD_BYTES) {
                    throw new IllegalStateException("fields came back with another length");
                }
                if (round >= 0) {
                    seals.add((half - began) / MICRO / BATCH);
                    opens.add((end - half) / MICRO / BATCH);
                }
            }
            return new Field(Streams.median(seals), Streams.median(opens));
        }
    }

    /// Microseconds to read 64 KiB anywhere in 64 MiB, in a file that the system has in memory: median of all reads.
    double random() throws IOException {
        Path file = Files.createTempFile("sotto-bench-", ".sealed");
        try (var keys = new KeysFixture()) {
            var context = KeysFixture.recording(keys.tenant(), new CallId(new UUID(7, 8)));
            try (var out = FileChannel.open(file, StandardOpenOption.WRITE);
                    var writer = keys.service.streams().create(context, out)) {
                writer.write(Streams.plain(Streams.BYTES));
                writer.finish();
            }
            var places = new Random(2);
            var to = ByteBuffer.allocate(RANGE_BYTES);
            List<Double> times = new ArrayList<>();
            try (var in = FileChannel.open(file);
                    var reader = keys.service.streams().open(context, in)) {
                for (int read = -2_000; read < 200 * rounds; read++) {
                    long place = places.nextLong(Streams.BYTES - RANGE_BYTES);
                    to.clear();
                    long began = System.nanoTime();
                    int some = reader.read(place, to);
                    long took = System.nanoTime() - began;
                    if (some != RANGE_BYTES) {
                        throw new IllegalStateException("a range came back short");
                    }
                    if (read >= 0) {
                        times.add(took / MICRO);
                    }
                }
            }
            return Streams.median(times);
        } finally {
            Files.delete(file);
        }
    }
}
