package dev.sotto.keys;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SealContext;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.UUID;

/// Seals single files without a database: each under a data key of its own, which a key service wraps. The sealed file
/// is a stream of `docs/spec/sealing.md`; the wrapped key is kept beside it by the caller, and destroying every copy of
/// that makes the file unreadable. Thread-safe. Channels stay the caller's: nothing here closes them.
public final class SealedFiles {
    private static final int VERSION = 1;

    private final Kms kms;
    private final SecureRandom random;
    private final Refusals refusals;

    public SealedFiles(Kms kms, SecureRandom random, Meter meter) {
        this.kms = requireNonNull(kms, "kms");
        this.random = requireNonNull(random, "random");
        this.refusals = new Refusals(requireNonNull(meter, "meter"));
    }

    /// Seals all of `in`, and gives the key that opens it, wrapped under `kek`. If this fails, what is in `out` opens
    /// nowhere.
    ///
    /// @throws RejectedException if `kek` names no key of the service
    /// @throws UnavailableException if the key service does not answer
    public WrappedKey seal(KeyUri kek, SealContext context, ReadableByteChannel in, WritableByteChannel out)
            throws IOException {
        var id = new UUID(random.nextLong(), random.nextLong());
        byte[] salt = new byte[Cobblestone.SALT_LENGTH];
        random.nextBytes(salt);
        try (var key = DataKey.random(random)) {
            var wrapped = kms.wrap(kek, key, keyContext(context, id));
            var message = derive(key, salt, context);
            var start = ByteBuffer.allocate(ChunkReader.FIRST_CHUNK)
                    .put(SealedHeader.of(id))
                    .put(salt)
                    .put(message.commitment())
                    .flip();
            byte[] plain = new byte[Cobblestone.CHUNK_LENGTH];
            // The key is of this file alone and was unwrapped just now: nothing above it is polled.
            try (var writer = SealedWriter.start(message, out, start, _ -> {})) {
                var buffer = ByteBuffer.wrap(plain);
                while (in.read(buffer) >= 0) {
                    writer.write(buffer.flip());
                    buffer.clear();
                }
                writer.finish();
                return wrapped;
            } finally {
                Arrays.fill(plain, (byte) 0);
            }
        }
    }

    /// Writes the plaintext of `in`. Key, context, length and last chunk are authentic before the first byte is
    /// written, and each chunk before its own; if a later chunk was altered, what was written before it stays.
    ///
    /// @throws IntegrityException if file or wrapped key were altered, cut, prolonged, or belong elsewhere
    /// @throws UnavailableException if the key service does not answer
    public void open(WrappedKey wrapped, SealContext context, SeekableByteChannel in, WritableByteChannel out)
            throws IOException {
        try (var chunks = chunks(wrapped, context, in);
                var reader = SealedReader.open(chunks, in.size(), refusals)) {
            byte[] plain = new byte[Cobblestone.CHUNK_LENGTH];
            try {
                long position = 0;
                while (position < reader.size()) {
                    var buffer = ByteBuffer.wrap(plain);
                    position += reader.read(position, buffer);
                    buffer.flip();
                    while (buffer.hasRemaining()) {
                        out.write(buffer);
                    }
                }
            } finally {
                Arrays.fill(plain, (byte) 0);
            }
        } catch (SealedDataException refused) {
            throw refusals.refuse(refused);
        }
    }

    private ChunkReader chunks(WrappedKey wrapped, SealContext context, SeekableByteChannel in)
            throws IOException, SealedDataException {
        var start = ByteBuffer.allocate(ChunkReader.FIRST_CHUNK);
        ChunkReader.readFully(in, 0, start);
        var id = SealedHeader.read(start.flip());
        byte[] salt = new byte[Cobblestone.SALT_LENGTH];
        byte[] commitment = new byte[Cobblestone.COMMITMENT_LENGTH];
        start.get(salt).get(commitment);
        try (var key = kms.unwrap(wrapped, keyContext(context, id))) {
            var message = derive(key, salt, context);
            message.check(commitment);
            return new ChunkReader(in, message);
        }
    }

    /// The context of a record key: tenant, class and owner of the file, and the id in its header.
    private static EncryptionContext keyContext(SealContext context, UUID id) {
        return EncryptionContext.of(FieldSealer.slot(context), VERSION, id);
    }

    private static Cobblestone derive(DataKey key, byte[] salt, SealContext context) {
        byte[] bytes = key.reveal();
        try {
            return Cobblestone.derive(bytes, salt, context.associatedData());
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
