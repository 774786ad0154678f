package dev.sotto.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Everything that was ever sent to a simulator, byte for byte after TLS, for leak searches. Bounded: what is over the
/// bound is counted and not kept, and [#complete()] says whether anything is missing. Thread-safe.
public final class Received {
    private static final int MAX_ENTRIES = 20_000;

    /// What the bytes are.
    public enum Form {
        /// A connection's HTTP requests as they came: lines, headers and bodies.
        HTTP,
        /// The body of a request that came in chunks, put together.
        BODY,
        /// The WebSocket messages of a connection, unmasked, each followed by a line feed.
        FRAMES,
        /// The lines of a mail connection.
        MAIL
    }

    /// All bytes of one form on one connection, in order.
    public static final class Entry {
        private final long connection;
        private final Form form;
        private final byte[] bytes;

        private Entry(long connection, Form form, byte[] bytes) {
            this.connection = connection;
            this.form = form;
            this.bytes = bytes;
        }

        /// Counts from 1 in the order of connecting.
        public long connection() {
            return connection;
        }

        public Form form() {
            return form;
        }

        /// A copy.
        public byte[] bytes() {
            return bytes.clone();
        }

        /// As UTF-8; what is not becomes a replacement character.
        public String text() {
            return new String(bytes, UTF_8);
        }

        @Override
        public String toString() {
            return "Entry[%d, %s, %d bytes]".formatted(connection, form, bytes.length);
        }
    }

    private record Key(long connection, Form form) {}

    private final long mostBytes;
    private final Map<Key, ByteArrayOutputStream> kept = new LinkedHashMap<>();
    private long bytes;
    private long dropped;

    Received(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /// Keeps the readable bytes of `piece`, which is left as it is.
    void add(long connection, Form form, ByteBuf piece) {
        int length = piece.readableBytes();
        synchronized (kept) {
            if (admits(connection, form, length)) {
                byte[] copy = new byte[length];
                piece.getBytes(piece.readerIndex(), copy);
                append(connection, form, copy);
            }
        }
    }

    void add(long connection, Form form, byte[] piece) {
        synchronized (kept) {
            if (admits(connection, form, piece.length)) {
                append(connection, form, piece);
            }
        }
    }

    private boolean admits(long connection, Form form, int length) {
        boolean room = bytes + length <= mostBytes
                && (kept.size() < MAX_ENTRIES || kept.containsKey(new Key(connection, form)));
        if (!room) {
            dropped += length;
        }
        return room;
    }

    private void append(long connection, Form form, byte[] piece) {
        var stream = kept.computeIfAbsent(new Key(connection, form), _ -> new ByteArrayOutputStream());
        stream.writeBytes(piece);
        if (form == Form.FRAMES) {
            stream.write('\n');
        }
        bytes += piece.length;
    }

    /// What is kept until now, by connection.
    public List<Entry> entries() {
        synchronized (kept) {
            var entries = new ArrayList<Entry>();
            kept.forEach((key, stream) -> entries.add(new Entry(key.connection(), key.form(), stream.toByteArray())));
            return List.copyOf(entries);
        }
    }

    /// Whether nothing was dropped: only then does a search that finds nothing mean that nothing was sent.
    public boolean complete() {
        return dropped() == 0;
    }

    /// How many bytes came that are not kept.
    public long dropped() {
        synchronized (kept) {
            return dropped;
        }
    }

    /// How many bytes are kept.
    public long bytes() {
        synchronized (kept) {
            return bytes;
        }
    }

    /// Whether `text` came as UTF-8 anywhere. For other forms, save and search the files.
    public boolean contains(String text) {
        byte[] wanted = text.getBytes(UTF_8);
        return entries().stream().anyMatch(entry -> indexOf(entry.bytes, wanted) >= 0);
    }

    private static int indexOf(byte[] all, byte[] wanted) {
        for (int at = 0; at <= all.length - wanted.length; at++) {
            if (Arrays.equals(all, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }

    /// Writes each entry into a file of its own in `folder`, for a search of files. The files hold what was sent in
    /// clear.
    public void saveTo(Path folder) {
        try {
            Files.createDirectories(folder);
            for (Entry entry : entries()) {
                String form = entry.form().name().toLowerCase(Locale.ROOT);
                Files.write(folder.resolve("%06d-%s.received".formatted(entry.connection(), form)), entry.bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Forgets everything, also that something was dropped.
    public void clear() {
        synchronized (kept) {
            kept.clear();
            bytes = 0;
            dropped = 0;
        }
    }
}
