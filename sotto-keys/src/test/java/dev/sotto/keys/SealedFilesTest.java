package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.DataClass;
import dev.sotto.core.IdSource;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.Meter;
import dev.sotto.core.SealContext;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedFilesTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final IdSource IDS = new IdSource(Clock.systemUTC(), RANDOM);

    @TempDir
    private Path folder;

    private final FakeKms kms = new FakeKms();
    private final SealedFiles files = new SealedFiles(kms, RANDOM, Meter.none());
    private final TenantId tenant = IDS.tenantId();
    private final SealContext context = context("letter.txt");

    @Test
    void open_givesBackWhatWasSealed_forLengthsAroundChunks() throws IOException {
        for (int length : new int[] {0, 1, 16_383, 16_384, 16_385, 3 * 16_384, 100_001}) {
            byte[] plain = new byte[length];
            new SplittableRandom(length).nextBytes(plain); // a FIPS module gives at most 32 KiB at once
            var sealed = new ByteArrayOutputStream();

            var wrapped = seal(plain, sealed);

            assertThat(open(wrapped, context, sealed.toByteArray())).isEqualTo(plain);
        }
    }

    @Test
    void open_underAnotherContextKeyOrKek_isRefusedAndWritesNothing() throws IOException {
        var sealed = new ByteArrayOutputStream();
        var wrapped = seal(new byte[] {1, 2, 3}, sealed);
        var other = seal(new byte[] {1, 2, 3}, new ByteArrayOutputStream());

        refuses(wrapped, context("another.txt"), sealed.toByteArray());
        refuses(other, context, sealed.toByteArray());
        refuses(WrappedKey.of(FakeKms.BACKUP, wrapped.bytes()), context, sealed.toByteArray());
    }

    @Test
    void open_ofAnAlteredCutOrProlongedFile_isRefused() throws IOException {
        var out = new ByteArrayOutputStream();
        var wrapped = seal(new byte[] {1, 2, 3}, out);
        byte[] sealed = out.toByteArray();
        for (int at = 0; at < sealed.length; at++) {
            byte[] altered = sealed.clone();
            altered[at] ^= 1;
            refuses(wrapped, context, altered);
            refuses(wrapped, context, Arrays.copyOf(sealed, at));
        }
        refuses(wrapped, context, Arrays.copyOf(sealed, sealed.length + 1));
    }

    @Test
    void keyServiceThatIsDown_sealsNothing() {
        kms.goDown(new UnavailableException(KeysError.KMS_UNREACHABLE, "down"));
        var sealed = new ByteArrayOutputStream();

        assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> seal(new byte[] {1, 2, 3}, sealed));
        assertThat(sealed.size()).isZero();
    }

    private WrappedKey seal(byte[] plain, ByteArrayOutputStream out) throws IOException {
        return files.seal(
                FakeKms.PRIMARY,
                context,
                Channels.newChannel(new ByteArrayInputStream(plain)),
                Channels.newChannel(out));
    }

    private byte[] open(WrappedKey wrapped, SealContext under, byte[] sealed) throws IOException {
        var out = new ByteArrayOutputStream();
        open(wrapped, under, sealed, out);
        return out.toByteArray();
    }

    private void open(WrappedKey wrapped, SealContext under, byte[] sealed, ByteArrayOutputStream out)
            throws IOException {
        var file = Files.write(folder.resolve("sealed"), sealed);
        try (var in = Files.newByteChannel(file)) {
            files.open(wrapped, under, in, Channels.newChannel(out));
        }
    }

    private void refuses(WrappedKey wrapped, SealContext under, byte[] sealed) {
        var out = new ByteArrayOutputStream();
        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> open(wrapped, under, sealed, out));
        assertThat(out.size()).isZero();
    }

    private SealContext context(String name) {
        return new SealContext(tenant, DataClass.RECORDING, new KeyOwner.OfTenant(tenant), "file", name, "content", 0);
    }
}
