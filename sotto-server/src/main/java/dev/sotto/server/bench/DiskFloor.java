package dev.sotto.server.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/// What this disk takes to make 8 KiB durable in a file that does not grow: the least that an entry of the audit log
/// can take, whoever writes it.
///
/// @param p50Millis the median
/// @param p99Millis the 99th percentile
record DiskFloor(double p50Millis, double p99Millis) {
    private static final int PAGE = 8 * 1_024;
    private static final int PAGES = 512;
    private static final int WRITES = 500;
    private static final long APART_MILLIS = 10;
    private static final double NANOS_PER_MILLI = 1_000_000;

    /// Writes for some seconds in `folder`.
    static DiskFloor measure(Path folder) throws IOException, InterruptedException {
        long[] nanos = new long[WRITES];
        try (FileChannel file = FileChannel.open(
                folder.resolve("disk-floor"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE)) {
            var page = ByteBuffer.allocateDirect(PAGE);
            for (int number = 0; number < PAGES; number++) {
                write(file, page, number);
            }
            file.force(true);
            for (int number = 0; number < WRITES; number++) {
                long began = System.nanoTime();
                write(file, page, number % PAGES);
                file.force(false);
                nanos[number] = System.nanoTime() - began;
                Thread.sleep(APART_MILLIS);
            }
        }
        Arrays.sort(nanos);
        return new DiskFloor(nanos[WRITES / 2] / NANOS_PER_MILLI, nanos[WRITES * 99 / 100] / NANOS_PER_MILLI);
    }

    private static void write(FileChannel file, ByteBuffer page, int number) throws IOException {
        page.clear();
        while (page.hasRemaining()) {
            int _ = file.write(page, (long) number * PAGE + page.position());
        }
    }
}
