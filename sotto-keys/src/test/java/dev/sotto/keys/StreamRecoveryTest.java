package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SealContext;
import dev.sotto.core.TenantId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamRecoveryTest {
    private static final int CHUNK = 16 * 1024;
    private static final int SEALED_CHUNK = CHUNK + 16;
    private static final int START = 1 + 16 + 24 + 32;

    private final KeysFixture keys = new KeysFixture();
    private final SealedStreams streams = keys.service.streams();
    private final TenantId tenant = keys.tenant();
    private final CallId call = keys.ids.callId();
    private final SealContext context = KeysFixture.recording(tenant, call);
    private final byte[] plaintext = audio(2 * CHUNK + 300);

    @AfterEach
    void close() {
        keys.close();
    }

    @Test
    void recover_cutAnywhereInsideAChunk_givesTheWholeChunksBefore() throws IOException {
        byte[] sealed = sealed(plaintext);
        for (int length = START + SEALED_CHUNK; length < START + 2 * SEALED_CHUNK; length++) {
            recovers(Arrays.copyOf(sealed, length), 1);
        }
    }

    @Test
    void recover_cutInsideTheHeaderOrAtAnEdge_givesTheWholeChunksBefore() throws IOException {
        byte[] sealed = sealed(plaintext);
        for (int length = 0; length <= START + 40; length++) {
            recovers(Arrays.copyOf(sealed, length), 0);
        }
        for (int length = START + 2 * SEALED_CHUNK; length < sealed.length; length++) {
            recovers(Arrays.copyOf(sealed, length), 2);
        }
    }

    private void recovers(byte[] torn, int chunks) throws IOException {
        try (var reader = streams.recover(context, new MemoryChannel(torn))) {
            assertThat(reader.wholeChunks()).isEqualTo(chunks);
            assertThat(reader.complete()).isFalse();
            assertThat(reader.size()).isEqualTo((long) chunks * CHUNK);
            long authentic = chunks == 0 && torn.length < START ? 0 : START + (long) chunks * SEALED_CHUNK;
            assertThat(reader.discardedBytes()).isEqualTo(torn.length - authentic);
            var to = ByteBuffer.allocate(plaintext.length);
            assertThat(reader.read(0, to)).isEqualTo(chunks == 0 ? -1 : chunks * CHUNK);
            assertThat(Arrays.copyOf(to.array(), to.position())).isEqualTo(Arrays.copyOf(plaintext, chunks * CHUNK));
            assertThat(reader.read((long) chunks * CHUNK, to)).isEqualTo(-1);
        }
    }

    /// The writer finished and died before anyone was told.
    @Test
    void recover_ofAFinishedStream_isComplete() throws IOException {
        try (var reader = streams.recover(context, new MemoryChannel(sealed(plaintext)))) {
            assertThat(reader.complete()).isTrue();
            assertThat(reader.wholeChunks()).isEqualTo(2);
            assertThat(reader.size()).isEqualTo(plaintext.length);
            assertThat(reader.discardedBytes()).isZero();
            var to = ByteBuffer.allocate(plaintext.length);
            assertThat(reader.read(0, to)).isEqualTo(plaintext.length);
            assertThat(to.array()).isEqualTo(plaintext);
        }
    }

    @Test
    void recover_withAChunkAltered_stopsBeforeIt() throws IOException {
        byte[] sealed = sealed(plaintext);
        for (int chunk = 0; chunk < 2; chunk++) {
            for (int at : new int[] {0, 1, 8000, CHUNK - 1, CHUNK, CHUNK + 15}) {
                byte[] altered = sealed.clone();
                altered[START + chunk * SEALED_CHUNK + at] ^= 1;

                recovers(altered, chunk);
            }
        }
    }

    @Test
    void recover_withChunksSwappedOrFromElsewhere_stopsBeforeThem() throws IOException {
        byte[] sealed = sealed(plaintext);
        byte[] other = sealed(plaintext);
        byte[] swapped = sealed.clone();
        System.arraycopy(sealed, START, swapped, START + SEALED_CHUNK, SEALED_CHUNK);
        byte[] foreign = sealed.clone();
        System.arraycopy(other, START, foreign, START, SEALED_CHUNK);

        recovers(swapped, 1);
        recovers(foreign, 0);
    }

    /// A disk may grow a file before it fills it.
    @Test
    void recover_withZeroesBehindTheLastChunk_leavesThemOut() throws IOException {
        byte[] torn = Arrays.copyOf(sealed(plaintext), START + SEALED_CHUNK);

        recovers(Arrays.copyOf(torn, torn.length + 2 * SEALED_CHUNK + 5), 1);
    }

    @Test
    void recover_withItsHeaderAltered_isRefused() throws IOException {
        byte[] sealed = sealed(plaintext);
        for (int at = 0; at < START; at++) {
            byte[] altered = sealed.clone();
            altered[at] ^= 1;

            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> streams.recover(context, new MemoryChannel(altered)));
        }
    }

    @Test
    void read_ofAChunkAlteredAfterTheScan_isRefused() throws IOException {
        var channel = new MemoryChannel(Arrays.copyOf(sealed(plaintext), START + 2 * SEALED_CHUNK));
        try (var reader = streams.recover(context, channel)) {
            channel.position(START);
            channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));

            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> reader.read(0, ByteBuffer.allocate(10)));
        }
    }

    /// How a store recovers: reseal under a fresh key, then destroy the old one with the torn copy's future.
    @Test
    void recovery_underAFreshKey_leavesTheTornFileUnreadable() throws IOException {
        var owner = new KeyOwner.OfCall(call);
        byte[] torn = Arrays.copyOf(sealed(plaintext), START + 2 * SEALED_CHUNK + 20);
        keys.service.renewRecordKey(tenant, DataClass.RECORDING, owner);
        var whole = new MemoryChannel();
        try (var from = streams.recover(context, new MemoryChannel(torn));
                var to = streams.create(context, whole)) {
            var buffer = ByteBuffer.allocate(10_000);
            for (long at = 0; from.read(at, buffer.clear()) > 0; at += buffer.limit()) {
                to.write(buffer.flip());
            }
            to.finish();
        }

        keys.service.destroyReplacedRecordKeys(tenant, DataClass.RECORDING, owner);

        try (var reader = streams.open(context, whole)) {
            assertThat(reader.size()).isEqualTo(2 * CHUNK);
        }
        assertThat(Arrays.copyOfRange(whole.content(), 1, 17)).isNotEqualTo(Arrays.copyOfRange(torn, 1, 17));
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> streams.recover(context, new MemoryChannel(torn)));
    }

    private byte[] sealed(byte[] bytes) throws IOException {
        var channel = new MemoryChannel();
        try (var writer = streams.create(context, channel)) {
            writer.write(ByteBuffer.wrap(bytes));
            writer.finish();
        }
        return channel.content();
    }

    private static byte[] audio(int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(length).nextBytes(bytes);
        return bytes;
    }
}
