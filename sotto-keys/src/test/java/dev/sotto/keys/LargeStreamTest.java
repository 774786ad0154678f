package dev.sotto.keys;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A recording longer than memory would like, written and read in small portions.
class LargeStreamTest {
    private static final int PORTION = 64 * 1024;
    private static final int PORTIONS = 1024;
    private static final long SIZE = (long) PORTION * PORTIONS;

    @Test
    void stream_of64MiB_needsMemoryForChunksOnly(@TempDir Path folder) throws IOException {
        try (var keys = new KeysFixture()) {
            var context = KeysFixture.recording(keys.tenant(), keys.ids.callId());
            var file = folder.resolve("recording");
            var portion = ByteBuffer.allocate(PORTION);
            try (var out = FileChannel.open(file, CREATE_NEW, WRITE);
                    var writer = keys.service.streams().create(context, out)) {
                for (int i = 0; i < PORTIONS; i++) {
                    writer.write(filled(portion, i));
                }
                writer.finish();
                assertThat(writer.size()).isEqualTo(SIZE);
            }
            try (var in = FileChannel.open(file, READ);
                    var reader = keys.service.streams().open(context, in)) {
                assertThat(reader.size()).isEqualTo(SIZE);
                var got = ByteBuffer.allocate(PORTION);
                for (int i = 0; i < PORTIONS; i++) {
                    assertThat(reader.read((long) i * PORTION, got.clear())).isEqualTo(PORTION);
                    assertThat(got.flip()).isEqualTo(filled(portion, i));
                }
            }
        }
    }

    /// What one chunk costs does not depend on how many came before.
    @Test
    void writer_onceWarm_allocatesNoMoreThanAChunkOrTwoForEach() throws IOException {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().threadId();
        try (var keys = new KeysFixture();
                var writer = keys.service
                        .streams()
                        .create(KeysFixture.recording(keys.tenant(), keys.ids.callId()), new Discard())) {
            var portion = ByteBuffer.allocate(PORTION);
            for (int i = 0; i < 50; i++) {
                writer.write(portion.clear());
            }
            long before = threads.getThreadAllocatedBytes(thread);
            for (int i = 0; i < 50; i++) {
                writer.write(portion.clear());
            }
            long perChunk = (threads.getThreadAllocatedBytes(thread) - before) / (50 * PORTION / (16 * 1024));

            assertThat(perChunk).isLessThan(48 * 1024);
        }
    }

    private static final class Discard implements java.nio.channels.WritableByteChannel {
        @Override
        public int write(ByteBuffer from) {
            int length = from.remaining();
            from.position(from.limit());
            return length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static ByteBuffer filled(ByteBuffer portion, int number) {
        portion.clear();
        for (int i = 0; i < PORTION; i += Long.BYTES) {
            portion.putLong(i, number * 0x9E3779B97F4A7C15L + i);
        }
        return portion;
    }
}
