package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SealContext;
import dev.sotto.core.TenantId;
import dev.sotto.keys.SealedDataException.Cause;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;

/// The file of a backup of keys: a header in clear with the dates, the wrapped key of the file, and a
/// sealed stream of [BackupItem]s. The header is bound to the stream. The bytes are in
/// `docs/spec/sealing.md`, section 8.
final class BackupFile {
    private static final byte[] MAGIC = "SOTTOBKK".getBytes(US_ASCII);
    private static final byte VERSION = 1;
    private static final int FIXED_LENGTH = 8 + 1 + 16 + 2 * Long.BYTES + Short.BYTES;

    private BackupFile() {}

    /// What the header says.
    ///
    /// @param at when the backup was begun, in milliseconds
    /// @param expires from when on it is refused
    record Header(UUID id, Instant at, Instant expires) {
        private SealContext context() {
            return new SealContext(
                    TenantId.OPERATOR,
                    DataClass.BACKUP,
                    new KeyOwner.OfTenant(TenantId.OPERATOR),
                    "key-backup",
                    "%s/%d/%d".formatted(id, at.toEpochMilli(), expires.toEpochMilli()),
                    "keys",
                    0);
        }

        private EncryptionContext keyContext(UUID key) {
            return EncryptionContext.of(FieldSealer.slot(context(), KeyTier.BACKUP), 1, key);
        }
    }

    /// Writes items one after the other. For one thread.
    static final class Writer implements AutoCloseable {
        private final SealedWriter stream;
        private final DataOutputStream items;

        private Writer(SealedWriter stream) {
            this.stream = stream;
            this.items = new DataOutputStream(new Into(stream));
        }

        void put(BackupItem item) throws IOException {
            item.write(items);
        }

        /// Without this the file does not open.
        void finish() throws IOException {
            stream.finish();
        }

        @Override
        public void close() {
            stream.close();
        }
    }

    /// Starts a file: makes its key, wraps it under `root`, and writes the header.
    static Writer create(Kms kms, KeyUri root, Header header, SecureRandom random, WritableByteChannel out)
            throws IOException {
        var id = new UUID(random.nextLong(), random.nextLong());
        byte[] salt = new byte[Cobblestone.SALT_LENGTH];
        random.nextBytes(salt);
        try (var key = DataKey.random(random)) {
            byte[] wrapped = kms.wrap(root, key, header.keyContext(id)).encode();
            var message = derive(key, salt, header);
            var start = ByteBuffer.allocate(FIXED_LENGTH + wrapped.length + ChunkReader.FIRST_CHUNK)
                    .put(MAGIC)
                    .put(VERSION)
                    .put(Parts.bytes(header.id()))
                    .putLong(header.at().toEpochMilli())
                    .putLong(header.expires().toEpochMilli())
                    .putShort((short) wrapped.length)
                    .put(wrapped)
                    .put(SealedHeader.of(id))
                    .put(salt)
                    .put(message.commitment())
                    .flip();
            return new Writer(SealedWriter.start(message, out, start, _ -> {}));
        }
    }

    /// Reads items one after the other. For one thread.
    static final class Reader implements AutoCloseable {
        private final ChunkReader chunks;
        private final SealedReader stream;
        private final DataInputStream items;

        private Reader(ChunkReader chunks, SealedReader stream) {
            this.chunks = chunks;
            this.stream = stream;
            this.items = new DataInputStream(new BufferedInputStream(new From(stream), Cobblestone.CHUNK_LENGTH));
        }

        /// Reads all of it once, so that nothing is done with the first part of a file whose last part is
        /// altered.
        ///
        /// @throws IntegrityException if a part was altered
        void check() throws IOException {
            var part = ByteBuffer.allocate(Cobblestone.CHUNK_LENGTH);
            for (long position = 0; position < stream.size(); position += part.position()) {
                stream.read(position, part.clear());
            }
            Arrays.fill(part.array(), (byte) 0);
        }

        BackupItem next() throws IOException {
            return BackupItem.read(items);
        }

        @Override
        public void close() {
            chunks.close();
        }
    }

    /// What the header says; not authentic before [#open] took it.
    static Header header(SeekableByteChannel in) throws IOException, SealedDataException {
        var start = fixed(in);
        return header(start);
    }

    /// Opens a file. Header, length and last chunk are authentic when this returns.
    ///
    /// @throws IntegrityException if the wrapped key was altered, or the root key is another
    static Reader open(Kms kms, SeekableByteChannel in, Refusals refusals) throws IOException, SealedDataException {
        var fixed = fixed(in);
        var header = header(fixed);
        int wrappedLength = Short.toUnsignedInt(fixed.getShort());
        var rest = ByteBuffer.allocate(wrappedLength + ChunkReader.FIRST_CHUNK);
        ChunkReader.readFully(in, FIXED_LENGTH, rest);
        byte[] wrapped = new byte[wrappedLength];
        byte[] salt = new byte[Cobblestone.SALT_LENGTH];
        byte[] commitment = new byte[Cobblestone.COMMITMENT_LENGTH];
        rest.flip().get(wrapped);
        var id = SealedHeader.read(rest);
        rest.get(salt).get(commitment);
        var stream = new OffsetChannel(in, FIXED_LENGTH + wrappedLength);
        try (var key = kms.unwrap(WrappedKey.decode(wrapped), header.keyContext(id))) {
            var message = derive(key, salt, header);
            message.check(commitment);
            var chunks = new ChunkReader(stream, message);
            boolean authentic = false;
            try {
                var reader = new Reader(chunks, SealedReader.open(chunks, stream.size(), refusals));
                authentic = true;
                return reader;
            } finally {
                if (!authentic) {
                    chunks.close();
                }
            }
        }
    }

    private static ByteBuffer fixed(SeekableByteChannel in) throws IOException, SealedDataException {
        var fixed = ByteBuffer.allocate(FIXED_LENGTH);
        ChunkReader.readFully(in, 0, fixed);
        return fixed.flip();
    }

    private static Header header(ByteBuffer fixed) throws SealedDataException {
        byte[] magic = new byte[MAGIC.length];
        fixed.get(magic);
        if (!Arrays.equals(magic, MAGIC) || fixed.get() != VERSION) {
            throw new SealedDataException(Cause.HEADER);
        }
        return new Header(
                new UUID(fixed.getLong(), fixed.getLong()),
                Instant.ofEpochMilli(fixed.getLong()),
                Instant.ofEpochMilli(fixed.getLong()));
    }

    private static Cobblestone derive(DataKey key, byte[] salt, Header header) {
        byte[] bytes = key.reveal();
        try {
            return Cobblestone.derive(bytes, salt, header.context().associatedData());
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static final class Into extends OutputStream {
        private final SealedWriter stream;

        private Into(SealedWriter stream) {
            this.stream = stream;
        }

        @Override
        public void write(int one) throws IOException {
            stream.write(ByteBuffer.wrap(new byte[] {(byte) one}));
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            stream.write(ByteBuffer.wrap(bytes, offset, length));
        }
    }

    private static final class From extends InputStream {
        private final SealedReader stream;
        private long position;

        private From(SealedReader stream) {
            this.stream = stream;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = stream.read(position, ByteBuffer.wrap(bytes, offset, length));
            position += Math.max(0, count);
            return count;
        }
    }
}
