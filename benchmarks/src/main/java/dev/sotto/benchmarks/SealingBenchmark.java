package dev.sotto.benchmarks;

import dev.sotto.core.CallId;
import dev.sotto.keys.KeysFixture;
import dev.sotto.keys.SealedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.security.GeneralSecurityException;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What one chunk of a recording, about a second of two channels, takes to be sealed, beside AES-256-GCM alone over as
/// many bytes: the floor. Both by the JDK's provider, neither with a disk.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class SealingBenchmark {
    private static final int CHUNK_BYTES = 16 * 1024;
    private static final int TAG_BITS = 128;
    private static final int NONCE_BYTES = 12;

    private final byte[] sound = new byte[CHUNK_BYTES];
    private final byte[] out = new byte[CHUNK_BYTES + TAG_BITS / 8];
    private final byte[] nonce = new byte[NONCE_BYTES];
    private final SecretKeySpec key = new SecretKeySpec(new byte[32], "AES");
    private long number;

    @SuppressWarnings("NullAway.Init") // in the set-up
    private Cipher cipher;

    @SuppressWarnings("NullAway.Init") // in the set-up
    private KeysFixture keys;

    @SuppressWarnings("NullAway.Init") // in the set-up
    private SealedWriter writer;

    /// A recording each iteration.
    @Setup(Level.Iteration)
    public void open() throws IOException, GeneralSecurityException {
        cipher = Cipher.getInstance("AES/GCM/NoPadding");
        keys = new KeysFixture();
        WritableByteChannel nowhere = Channels.newChannel(OutputStream.nullOutputStream());
        writer = keys.service
                .streams()
                .create(KeysFixture.recording(keys.tenant(), new CallId(new UUID(3, 4))), nowhere);
    }

    @TearDown(Level.Iteration)
    public void close() {
        writer.close();
        keys.close();
    }

    @Benchmark
    public long sealed() throws IOException {
        writer.write(ByteBuffer.wrap(sound));
        return writer.wholeChunks();
    }

    @Benchmark
    public int floor() throws GeneralSecurityException {
        ByteBuffer.wrap(nonce).putLong(number++);
        cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
        return cipher.doFinal(sound, 0, sound.length, out, 0);
    }
}
