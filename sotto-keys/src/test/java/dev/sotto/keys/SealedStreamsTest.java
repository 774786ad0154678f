package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SealContext;
import dev.sotto.core.TenantId;
import dev.sotto.testkit.Samples;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SealedStreamsTest {
    private static final int CHUNK = 16 * 1024;
    private static final int SEALED_CHUNK = CHUNK + 16;
    private static final int START = 1 + 16 + 24 + 32;

    private final KeysFixture keys = new KeysFixture();
    private final SealedStreams streams = keys.service.streams();
    private final TenantId tenant = keys.tenant();
    private final CallId call = keys.ids.callId();
    private final SealContext context = KeysFixture.recording(tenant, call);

    @AfterEach
    void close() {
        keys.close();
    }

    @Test
    void read_ofEveryKindOfLength_givesItBack() throws IOException {
        for (int length : new int[] {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 5 * CHUNK + 77}) {
            byte[] plaintext = audio(length);
            byte[] sealed = seal(plaintext);

            assertThat(sealed).hasSize((int) (17 + Cobblestone.sealedLength(length)));
            assertThat(readAll(sealed)).isEqualTo(plaintext);
        }
    }

    @Test
    void read_anywhere_givesThatPart() throws IOException {
        byte[] plaintext = audio(4 * CHUNK + 1234);
        try (var reader = streams.open(context, new MemoryChannel(seal(plaintext)))) {
            assertThat(reader.size()).isEqualTo(plaintext.length);
            Samples.forAll(
                    300,
                    random -> {
                        int from = random.nextInt(plaintext.length);
                        return new int[] {from, from + random.nextInt(3 * CHUNK)};
                    },
                    range -> {
                        var to = ByteBuffer.allocate(range[1] - range[0]);
                        int expected = Math.min(range[1], plaintext.length) - range[0];
                        assertThat(read(reader, range[0], to)).isEqualTo(expected);
                        assertThat(Arrays.copyOf(to.array(), expected))
                                .isEqualTo(Arrays.copyOfRange(plaintext, range[0], range[0] + expected));
                    });
            assertThat(reader.read(plaintext.length, ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThat(reader.read(0, ByteBuffer.allocate(0))).isZero();
        }
    }

    @Test
    void write_inAnyPortions_givesTheSameStream() throws IOException {
        byte[] plaintext = audio(3 * CHUNK + 5);
        Samples.forAll(20, random -> random.nextInt(1, 2 * CHUNK), portion -> {
            try {
                var channel = new MemoryChannel();
                try (var writer = streams.create(context, channel)) {
                    for (int at = 0; at < plaintext.length; at += portion) {
                        writer.write(ByteBuffer.wrap(plaintext, at, Math.min(portion, plaintext.length - at)));
                    }
                    writer.finish();
                }
                assertThat(readAll(channel.content())).isEqualTo(plaintext);
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
        });
    }

    /// Whole chunks of an array are sealed and opened in place; what has no array goes the long way.
    @Test
    void writeAndRead_buffersOfEveryKind_areTheSameStream() throws IOException {
        byte[] plaintext = audio(19 * CHUNK + 5);
        byte[] inside = new byte[plaintext.length + 14];
        System.arraycopy(plaintext, 0, inside, 7, plaintext.length);
        var direct = ByteBuffer.allocateDirect(plaintext.length).put(plaintext).flip();
        for (var from : new ByteBuffer[] {
            ByteBuffer.wrap(inside, 7, plaintext.length),
            ByteBuffer.wrap(inside).slice(7, plaintext.length),
            ByteBuffer.wrap(plaintext).asReadOnlyBuffer(),
            direct
        }) {
            var channel = new MemoryChannel();
            try (var writer = streams.create(context, channel)) {
                writer.write(from);
                assertThat(from.hasRemaining()).isFalse();
                assertThat(writer.wholeChunks()).isEqualTo(19);
                writer.finish();
            }
            assertThat(readAll(channel.content())).isEqualTo(plaintext);
        }
        for (var to : new ByteBuffer[] {
            ByteBuffer.allocate(plaintext.length + 14).slice(7, plaintext.length),
            ByteBuffer.allocate(plaintext.length + 14).position(7),
            ByteBuffer.allocateDirect(plaintext.length)
        }) {
            try (var reader = streams.open(context, new MemoryChannel(seal(plaintext)))) {
                int from = to.position();
                assertThat(reader.read(0, to)).isEqualTo(plaintext.length);
                assertThat(to.position()).isEqualTo(from + plaintext.length);
                byte[] found = new byte[plaintext.length];
                to.get(from, found);
                assertThat(found).isEqualTo(plaintext);
            }
        }
    }

    /// The chunk before stays, the altered one leaves nothing, in the caller's buffer too.
    @Test
    void read_upToAnAlteredChunk_leavesNothingOfIt() throws IOException {
        byte[] plaintext = audio(3 * CHUNK + 5);
        byte[] altered = seal(plaintext);
        altered[START + SEALED_CHUNK + 9] ^= 1;
        for (var to :
                new ByteBuffer[] {ByteBuffer.allocate(plaintext.length), ByteBuffer.allocateDirect(plaintext.length)}) {
            try (var reader = streams.open(context, new MemoryChannel(altered))) {
                assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> reader.read(0, to));
                assertThat(to.position()).isEqualTo(CHUNK);
                byte[] found = new byte[plaintext.length];
                to.get(0, found);
                assertThat(found).isEqualTo(Arrays.copyOf(Arrays.copyOf(plaintext, CHUNK), plaintext.length));
            }
        }
    }

    @Test
    void write_ofAFullChunk_isInTheChannelAtOnce() throws IOException {
        var channel = new MemoryChannel();
        try (var writer = streams.create(context, channel)) {
            assertThat(channel.size()).isEqualTo(START);
            writer.write(ByteBuffer.wrap(audio(CHUNK - 1)));
            assertThat(channel.size()).isEqualTo(START);
            assertThat(writer.wholeChunks()).isZero();
            writer.write(ByteBuffer.wrap(new byte[1]));
            assertThat(channel.size()).isEqualTo(START + SEALED_CHUNK);
            assertThat(writer.wholeChunks()).isEqualTo(1);
            writer.write(ByteBuffer.wrap(new byte[7]));
            assertThat(writer.size()).isEqualTo(CHUNK + 7);
            writer.finish();
            assertThat(channel.size()).isEqualTo(START + SEALED_CHUNK + 7 + 16).isEqualTo(writer.sealedSize());
            assertThat(writer.wholeChunks()).isEqualTo(1);
            assertThat(writer.size()).isEqualTo(CHUNK + 7);
        }
    }

    @Test
    void open_ofAStreamThatWasNotFinished_isRefused() throws IOException {
        var channel = new MemoryChannel();
        try (var writer = streams.create(context, channel)) {
            writer.write(ByteBuffer.wrap(audio(2 * CHUNK)));
        }
        refuses(channel.content());
    }

    @Test
    void open_cutAtAnyLength_isRefused() throws IOException {
        byte[] sealed = seal(audio(200));
        for (int length = 0; length < sealed.length; length++) {
            refuses(Arrays.copyOf(sealed, length));
        }
    }

    @Test
    void open_cutAroundChunks_isRefused() throws IOException {
        byte[] sealed = seal(audio(2 * CHUNK + 100));
        for (int edge : new int[] {START, START + SEALED_CHUNK, START + 2 * SEALED_CHUNK}) {
            for (int length = edge - 40; length <= edge + 40; length++) {
                refuses(Arrays.copyOf(sealed, length));
            }
        }
    }

    @Test
    void read_withAnyByteAltered_givesNothingOfThatChunk() throws IOException {
        byte[] plaintext = audio(CHUNK + 100);
        byte[] sealed = seal(plaintext);
        for (int at = 0; at < sealed.length; at += at < START + 64 || at > START + SEALED_CHUNK - 64 ? 1 : 97) {
            byte[] altered = sealed.clone();
            altered[at] ^= 0x40;
            if (at < START || at >= START + SEALED_CHUNK) {
                refuses(altered);
                continue;
            }
            try (var reader = streams.open(context, new MemoryChannel(altered))) {
                var to = ByteBuffer.allocate(plaintext.length);
                assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> reader.read(0, to));
                assertThat(to.array()).isEqualTo(new byte[plaintext.length]);
                assertThat(reader.read(CHUNK, to.clear())).isEqualTo(100);
            }
        }
    }

    @Test
    void read_withChunksSwappedOrRepeated_isRefused() throws IOException {
        byte[] plaintext = audio(3 * CHUNK + 100);
        byte[] sealed = seal(plaintext);

        for (byte[] altered :
                new byte[][] {arranged(sealed, 1, 0, 2), arranged(sealed, 0, 0, 2), arranged(sealed, 0, 2, 1)}) {
            try (var reader = streams.open(context, new MemoryChannel(altered))) {
                var to = ByteBuffer.allocate(plaintext.length);
                assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> reader.read(0, to));
                assertThat(Arrays.copyOf(to.array(), to.position())).isEqualTo(Arrays.copyOf(plaintext, to.position()));
            }
        }
    }

    @Test
    void open_withChunksRemovedOrAppended_isRefused() throws IOException {
        byte[] sealed = seal(audio(3 * CHUNK + 100));

        refuses(arranged(sealed, 0, 1));
        refuses(arranged(sealed, 0, 1, 2, 0));
        refuses(Arrays.copyOf(sealed, sealed.length + 1));
        refuses(Arrays.copyOf(sealed, sealed.length + SEALED_CHUNK));
    }

    @Test
    void open_withAChunkOfAnotherStream_isRefused() throws IOException {
        byte[] mine = seal(audio(CHUNK + 100));
        byte[] theirs = seal(audio(CHUNK + 100));
        System.arraycopy(theirs, START + SEALED_CHUNK, mine, START + SEALED_CHUNK, 116);

        refuses(mine);
    }

    @Test
    void open_underAnotherContext_isRefused() throws IOException {
        byte[] sealed = seal(audio(100));
        var elsewhere = new SealContext(
                tenant, DataClass.RECORDING, new KeyOwner.OfCall(call), "voicemail", call.toString(), "audio", 0);

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> streams.open(elsewhere, new MemoryChannel(sealed)));
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> streams.open(KeysFixture.recording(keys.tenant(), call), new MemoryChannel(sealed)));
    }

    @Test
    void streamAndField_haveOneFormat() throws IOException {
        byte[] plaintext = audio(CHUNK + 9);

        assertThat(keys.service.sealer().open(context, seal(plaintext))).isEqualTo(plaintext);
        assertThat(readAll(keys.service.sealer().seal(context, plaintext))).isEqualTo(plaintext);
    }

    @Test
    void openAndCreate_afterTheRecordKeyWasDestroyed_areRefused() throws IOException {
        byte[] sealed = seal(audio(100));
        keys.service.destroyRecordKey(tenant, DataClass.RECORDING, new KeyOwner.OfCall(call));

        refuses(sealed);
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> streams.recover(context, new MemoryChannel(sealed)));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> streams.create(context, new MemoryChannel()))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.RECORD_KEY_DESTROYED));
    }

    @Test
    void write_afterTheChannelFailed_isRefusedForEver() throws IOException {
        var channel = new MemoryChannel();
        channel.failAfter(START + 6000);
        try (var writer = streams.create(context, channel)) {
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> writer.write(ByteBuffer.wrap(audio(CHUNK))));
            channel.failAfter(Long.MAX_VALUE);
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> writer.write(ByteBuffer.wrap(audio(CHUNK))))
                    .withMessageContaining("failed before");
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(writer::finish);
            assertThat(writer.wholeChunks()).isZero();
        }
    }

    @Test
    void writer_afterFinishOrClose_isRefused() throws IOException {
        var writer = streams.create(context, new MemoryChannel());
        writer.finish();
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(writer::finish);
        var other = streams.create(context, new MemoryChannel());
        other.close();
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> other.write(ByteBuffer.wrap(new byte[1])));
        var reader = streams.open(context, new MemoryChannel(seal(audio(10))));
        reader.close();
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> reader.read(0, ByteBuffer.allocate(1)));
    }

    private byte[] seal(byte[] plaintext) throws IOException {
        var channel = new MemoryChannel();
        try (var writer = streams.create(context, channel)) {
            writer.write(ByteBuffer.wrap(plaintext));
            writer.finish();
        }
        return channel.content();
    }

    private byte[] readAll(byte[] sealed) throws IOException {
        try (var reader = streams.open(context, new MemoryChannel(sealed))) {
            var to = ByteBuffer.allocate(Math.toIntExact(reader.size()));
            reader.read(0, to);
            return to.array();
        }
    }

    private void refuses(byte[] sealed) {
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> streams.open(context, new MemoryChannel(sealed)))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.SEALED_DATA_INVALID));
    }

    /// The stream with its full chunks in this order, and its own last chunk.
    private static byte[] arranged(byte[] sealed, int... order) {
        int last = (sealed.length - START) / SEALED_CHUNK;
        int tail = sealed.length - START - last * SEALED_CHUNK;
        var out = ByteBuffer.allocate(START + order.length * SEALED_CHUNK + tail);
        out.put(sealed, 0, START);
        for (int chunk : order) {
            out.put(sealed, START + chunk * SEALED_CHUNK, SEALED_CHUNK);
        }
        return out.put(sealed, START + last * SEALED_CHUNK, tail).array();
    }

    private static int read(SealedReader reader, long position, ByteBuffer to) {
        try {
            return reader.read(position, to);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static byte[] audio(int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(length).nextBytes(bytes);
        return bytes;
    }
}
