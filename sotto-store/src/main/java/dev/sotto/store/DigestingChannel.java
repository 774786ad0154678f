package dev.sotto.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.util.HexFormat;

/// Writes to a file and keeps the SHA-256 and the number of what was written. For one thread.
final class DigestingChannel implements WritableByteChannel {
    private final FileChannel file;
    private final MessageDigest digest = Seals.sha256();
    private long size;

    DigestingChannel(FileChannel file) {
        this.file = file;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int written = 0;
        while (source.hasRemaining()) {
            var before = source.duplicate();
            int once = file.write(source);
            digest.update(before.limit(before.position() + once));
            written += once;
        }
        size += written;
        return written;
    }

    /// Makes what was written durable.
    void force() throws IOException {
        file.force(false);
    }

    long size() {
        return size;
    }

    /// The digest of all that was written, in lower-case hex. Called once, at the end.
    String digest() {
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
