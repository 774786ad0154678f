package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.keys.SealedDataException.Cause;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/// Seals files for somebody outside, whose public key is known: nobody else opens them, the sender
/// included. The content is sealed as everything is; its key is wrapped by HPKE (RFC 9180).
/// `docs/spec/sealing.md` has the bytes. Thread-safe. Channels stay the caller's: nothing here closes them.
///
/// An export does not say who made it: whoever has the public key can make one. Who must know the sender
/// signs it.
public final class SealedExport {
    static final int HEADER_LENGTH = 8 + 1 + 3 * Short.BYTES + 32;

    private static final byte[] MAGIC = "SOTTOEXP".getBytes(US_ASCII);
    private static final byte VERSION = 1;
    private static final int WRAPPED_LENGTH = DataKey.LENGTH + Hpke.TAG_LENGTH;

    private final SecureRandom random;
    private final Refusals refusals;

    public SealedExport(SecureRandom random, Meter meter) {
        this.random = requireNonNull(random, "random");
        this.refusals = new Refusals(requireNonNull(meter, "meter"));
    }

    /// Seals all of `in`. If this fails, what is in `out` opens nowhere.
    ///
    /// @throws RejectedException if the recipient's key is of low order or not one of its suite
    public void seal(Recipient recipient, ReadableByteChannel in, WritableByteChannel out) throws IOException {
        recipient.suite().require();
        byte[] salt = new byte[Cobblestone.SALT_LENGTH];
        random.nextBytes(salt);
        byte[] plain = new byte[Cobblestone.CHUNK_LENGTH];
        try (var key = DataKey.random(random)) {
            byte[] prefix = prefix(recipient, key);
            var message = derive(key, salt, prefix);
            var start = ByteBuffer.allocate(prefix.length + Cobblestone.PREFIX_LENGTH)
                    .put(prefix)
                    .put(salt)
                    .put(message.commitment())
                    .flip();
            // The key is of this file alone: nothing above it is polled.
            try (var writer = SealedWriter.start(message, out, start, _ -> {})) {
                var buffer = ByteBuffer.wrap(plain);
                while (in.read(buffer) >= 0) {
                    writer.write(buffer.flip());
                    buffer.clear();
                }
                writer.finish();
            }
        } catch (SealedDataException refused) {
            throw new RejectedException(
                    KeysError.RECIPIENT_INVALID, "the recipient's public key is not one of its suite");
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /// Writes the plaintext of `in`. Recipient, header, length and last chunk are authentic before the
    /// first byte is written, and each chunk before its own; if a later chunk was altered, what was written
    /// before it stays.
    ///
    /// @throws IntegrityException if the export was altered, cut, prolonged, or is for another recipient or
    ///     suite
    public void open(RecipientKey key, SeekableByteChannel in, WritableByteChannel out) throws IOException {
        byte[] plain = new byte[Cobblestone.CHUNK_LENGTH];
        var kem = key.recipient().suite().kem();
        int prefixLength = HEADER_LENGTH + kem.encapsulationLength() + WRAPPED_LENGTH;
        // A stream has its own short header before the message, which an export has not.
        var stream = new OffsetChannel(in, prefixLength - SealedHeader.LENGTH);
        try (var chunks = chunks(key, prefixLength, in, stream);
                var reader = SealedReader.open(chunks, stream.size(), refusals)) {
            long position = 0;
            while (position < reader.size()) {
                var buffer = ByteBuffer.wrap(plain);
                position += reader.read(position, buffer);
                buffer.flip();
                while (buffer.hasRemaining()) {
                    out.write(buffer);
                }
            }
        } catch (SealedDataException refused) {
            throw refusals.refuse(refused);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private ChunkReader chunks(RecipientKey key, int prefixLength, SeekableByteChannel in, SeekableByteChannel stream)
            throws IOException, SealedDataException {
        var start = ByteBuffer.allocate(prefixLength + Cobblestone.PREFIX_LENGTH);
        ChunkReader.readFully(in, 0, start);
        start.flip();
        byte[] header = new byte[HEADER_LENGTH];
        start.get(header);
        check(header, key.recipient());
        byte[] wrapped = new byte[prefixLength - HEADER_LENGTH];
        byte[] salt = new byte[Cobblestone.SALT_LENGTH];
        byte[] commitment = new byte[Cobblestone.COMMITMENT_LENGTH];
        start.get(wrapped).get(salt).get(commitment);
        try (var payload = unwrap(key, header, wrapped)) {
            var message = derive(payload, salt, Arrays.copyOf(start.array(), prefixLength));
            message.check(commitment);
            return new ChunkReader(stream, message);
        }
    }

    /// The header must be the very one that is written for this recipient: suites are never mixed.
    private static void check(byte[] header, Recipient recipient) throws SealedDataException {
        byte[] expected = header(recipient);
        int fixed = HEADER_LENGTH - recipient.id().length;
        if (!Arrays.equals(header, 0, fixed, expected, 0, fixed)) {
            throw new SealedDataException(Cause.HEADER);
        }
        if (!MessageDigest.isEqual(header, expected)) {
            throw new SealedDataException(Cause.KEY_MISMATCH);
        }
    }

    private static DataKey unwrap(RecipientKey key, byte[] header, byte[] wrapped) throws SealedDataException {
        byte[] privateKey = key.reveal();
        try {
            byte[] payload = Hpke.open(key.recipient().suite().kem(), privateKey, info(header), wrapped);
            try {
                return DataKey.copyOf(payload);
            } finally {
                Arrays.fill(payload, (byte) 0);
            }
        } finally {
            Arrays.fill(privateKey, (byte) 0);
        }
    }

    /// All before the message.
    private byte[] prefix(Recipient recipient, DataKey key) throws SealedDataException {
        byte[] header = header(recipient);
        byte[] payload = key.reveal();
        try {
            byte[] wrapped = Hpke.seal(recipient.suite().kem(), recipient.publicKey(), info(header), payload, random);
            return ByteBuffer.allocate(header.length + wrapped.length)
                    .put(header)
                    .put(wrapped)
                    .array();
        } finally {
            Arrays.fill(payload, (byte) 0);
        }
    }

    private static byte[] header(Recipient recipient) {
        return ByteBuffer.allocate(HEADER_LENGTH)
                .put(MAGIC)
                .put(VERSION)
                .putShort((short) recipient.suite().kem().id())
                .putShort((short) Hpke.KDF_ID)
                .putShort((short) Hpke.AEAD_ID)
                .put(recipient.id())
                .array();
    }

    private static byte[] info(byte[] header) {
        return Parts.lengthPrefixed("sotto-export".getBytes(US_ASCII), header);
    }

    private static Cobblestone derive(DataKey key, byte[] salt, byte[] prefix) {
        byte[] bytes = key.reveal();
        try {
            return Cobblestone.derive(
                    bytes, salt, Parts.lengthPrefixed("sotto-export-payload".getBytes(US_ASCII), prefix));
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
