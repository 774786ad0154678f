package dev.sotto.keys;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SealContext;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.SecureRandom;
import java.util.Arrays;

/// Seals and opens what is too long for memory, in the format of sealed fields (`docs/spec/sealing.md`). Thread-safe;
/// each writer and reader it hands out is for one thread. Channels stay the caller's: nothing here closes them, and
/// their failures arrive as [IOException].
public final class SealedStreams {
    private final RecordKeys keys;
    private final KeyTier tier;
    private final KeyStates states;
    private final KeyUsage usage;
    private final SecureRandom random;
    private final Meter meter;
    private final Refusals refusals;

    SealedStreams(RecordKeys keys, KeyTier tier, KeyStates states, KeyUsage usage, SecureRandom random, Meter meter) {
        this.keys = keys;
        this.tier = tier;
        this.states = states;
        this.usage = usage;
        this.random = random;
        this.meter = meter;
        this.refusals = new Refusals(meter);
    }

    /// Starts a stream: writes its header at once. It goes on under the key it began with, whatever becomes of the
    /// key service, until that key is revoked.
    ///
    /// @throws NotFoundException if the record key was destroyed, or the tenant has no key
    /// @throws UnavailableException if the key cannot be had now
    public SealedWriter create(SealContext context, WritableByteChannel out) throws IOException {
        byte[] salt = new byte[Cobblestone.SALT_LENGTH];
        random.nextBytes(salt);
        try (var held = keys.sealing(FieldSealer.slot(context, tier), context.owner())) {
            var message = derive(held, salt, context);
            var start = ByteBuffer.allocate(ChunkReader.FIRST_CHUNK)
                    .put(SealedHeader.of(held.id()))
                    .put(salt)
                    .put(message.commitment())
                    .flip();
            var above = held.above();
            usage.sealed(context.tenant(), above, 0);
            meter.count("keys.stream.created");
            return SealedWriter.start(message, out, start, length -> {
                states.requireNotRevoked(context.tenant(), above);
                usage.grew(context.tenant(), above, length);
            });
        }
    }

    /// Opens a finished stream. Key, context and last chunk are authentic when this returns, and so is the length.
    ///
    /// @throws IntegrityException if the stream was altered, cut, prolonged or moved, or its key was destroyed
    /// @throws UnavailableException if the key cannot be had now
    public SealedReader open(SealContext context, SeekableByteChannel in) throws IOException {
        try {
            var chunks = chunks(context, in);
            boolean authentic = false;
            try {
                var reader = SealedReader.open(chunks, in.size(), refusals);
                authentic = true;
                meter.count("keys.stream.opened");
                return reader;
            } finally {
                if (!authentic) {
                    chunks.close();
                }
            }
        } catch (SealedDataException refused) {
            throw refusals.refuse(refused);
        }
    }

    /// Opens what is authentic at the start of a stream that may be torn. Reads it once through.
    ///
    /// @throws IntegrityException if the header was altered or moved, or the key was destroyed
    /// @throws UnavailableException if the key cannot be had now
    public RecoverableReader recover(SealContext context, SeekableByteChannel in) throws IOException {
        try {
            if (in.size() < ChunkReader.FIRST_CHUNK) {
                return RecoverableReader.empty(in.size(), refusals);
            }
            var chunks = chunks(context, in);
            boolean scanned = false;
            try {
                var reader = RecoverableReader.scan(chunks, in.size(), refusals);
                scanned = true;
                meter.count("keys.stream.recovered");
                meter.count("keys.stream.recovered.discarded-bytes", reader.discardedBytes());
                return reader;
            } finally {
                if (!scanned) {
                    chunks.close();
                }
            }
        } catch (SealedDataException refused) {
            throw refusals.refuse(refused);
        }
    }

    /// Reads the header and checks the commitment.
    private ChunkReader chunks(SealContext context, SeekableByteChannel in) throws IOException, SealedDataException {
        var start = ByteBuffer.allocate(ChunkReader.FIRST_CHUNK);
        ChunkReader.readFully(in, 0, start);
        start.flip();
        var id = SealedHeader.read(start);
        byte[] salt = new byte[Cobblestone.SALT_LENGTH];
        byte[] commitment = new byte[Cobblestone.COMMITMENT_LENGTH];
        start.get(salt).get(commitment);
        try (var held = keys.opening(FieldSealer.slot(context, tier), id)) {
            var message = derive(held, salt, context);
            message.check(commitment);
            usage.opened(context.tenant(), held.above());
            return new ChunkReader(in, message);
        }
    }

    private static Cobblestone derive(HeldKey<ErasableSlot> held, byte[] salt, SealContext context) {
        byte[] key = held.key().reveal();
        try {
            return Cobblestone.derive(key, salt, context.associatedData());
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }
}
