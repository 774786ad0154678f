package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ConflictException;
import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalKmsTest extends KmsContract {
    private static final char[] PASSPHRASE = "correct horse battery".toCharArray();
    private static final EncryptionContext CONTEXT = EncryptionContext.ofSecret("node-secret");

    @TempDir
    private static Path folder;

    private static Path file;
    private static LocalKms kms;

    @BeforeAll
    static void create() {
        file = folder.resolve("root-keys");
        kms = LocalKms.create(file, PASSPHRASE);
    }

    @AfterAll
    static void close() {
        kms.close();
    }

    @Override
    protected Kms kms() {
        return kms;
    }

    @Override
    protected KeyUri kek() {
        return LocalKms.PRIMARY;
    }

    @Override
    protected KeyUri otherKek() {
        return LocalKms.BACKUP;
    }

    @Override
    protected Kms openAnother() {
        return LocalKms.open(file, PASSPHRASE);
    }

    @Test
    void create_makesAFileForItsOwnerOnlyAndLeavesNothingElse() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (var files = Files.list(folder)) {
            assertThat(files.filter(path -> path.getFileName().toString().startsWith("root-keys")))
                    .containsExactly(file);
        }
    }

    @Test
    void rotate_makesTheNextOfTheLine_andKeepsWhatTheOldOneWrapped() {
        var other = folder.resolve("rotated");
        var key = DataKey.random(new SecureRandom());
        WrappedKey old;
        try (var before = LocalKms.create(other, PASSPHRASE)) {
            assertThat(before.newest(LocalKms.PRIMARY)).isEqualTo(LocalKms.PRIMARY);
            old = before.wrap(LocalKms.PRIMARY, key, CONTEXT);
        }
        Instant since;
        try (var reopened = LocalKms.open(other, PASSPHRASE)) {
            since = reopened.newestSince(KeyTier.BACKUP);
        }

        LocalKms.rotate(other, PASSPHRASE, KeyTier.PRIMARY).close();

        try (var after = LocalKms.rotate(other, PASSPHRASE, KeyTier.PRIMARY)) {
            var third = new KeyUri("local:primary-3");
            assertThat(after.newest(LocalKms.PRIMARY)).isEqualTo(third);
            assertThat(after.newest(new KeyUri("local:primary-2"))).isEqualTo(third);
            assertThat(after.newest(LocalKms.BACKUP)).isEqualTo(LocalKms.BACKUP);
            assertThat(after.newest(new KeyUri("local:nobody"))).isEqualTo(new KeyUri("local:nobody"));
            assertThat(after.unwrap(old, CONTEXT)).isEqualTo(key);
            var fresh = after.wrap(third, key, CONTEXT);
            assertThat(after.unwrap(fresh, CONTEXT)).isEqualTo(key);
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> after.unwrap(WrappedKey.of(LocalKms.PRIMARY, fresh.bytes()), CONTEXT));
            assertThat(after.newestSince(KeyTier.BACKUP)).isEqualTo(since);
            assertThat(after.newestSince(KeyTier.PRIMARY)).isAfterOrEqualTo(since);
        }
    }

    @Test
    void rotate_withTheWrongPassphrase_leavesTheFileAsItIs() throws IOException {
        byte[] before = Files.readAllBytes(file);

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> LocalKms.rotate(file, "wrong horse battery".toCharArray(), KeyTier.PRIMARY));
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void create_writesTheIterationsThatTheSpecPromises() throws IOException {
        var header = ByteBuffer.wrap(Files.readAllBytes(file), 8, 5);

        assertThat(header.get()).isEqualTo((byte) (CryptoProvider.isFips() ? 2 : 1));
        assertThat(header.getInt()).isEqualTo(600_000);
    }

    @Test
    void open_withTheRightPassphrase_unwrapsWhatWasWrappedBefore() {
        try (var key = DataKey.random(new SecureRandom());
                var again = LocalKms.open(file, PASSPHRASE)) {
            assertThat(again.unwrap(kms.wrap(LocalKms.PRIMARY, key, CONTEXT), CONTEXT))
                    .isEqualTo(key);
            assertThat(again.unwrap(kms.wrap(LocalKms.BACKUP, key, CONTEXT), CONTEXT))
                    .isEqualTo(key);
        }
    }

    @Test
    void open_withAWrongPassphrase_isOneClearError() {
        refuses(file, "correct horse batterx");
        refuses(file, "");
    }

    @Test
    void open_ofAnAlteredOrCutFile_isTheSameError() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        for (int at : new int[] {0, 8, 9, 12, 20, whole.length / 2, whole.length - 1}) {
            byte[] altered = whole.clone();
            altered[at] ^= 1;
            refuses(written(altered), new String(PASSPHRASE));
        }
        for (int length : new int[] {0, 1, 44, 45, whole.length - 1}) {
            refuses(written(Arrays.copyOf(whole, length)), new String(PASSPHRASE));
        }
    }

    /// Each distribution reads its own files only, and says so.
    @Test
    void open_ofAFileOfTheOtherDistribution_saysWhoMadeIt() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        whole[8] = (byte) (CryptoProvider.isFips() ? 1 : 2);
        var other = written(whole);

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> LocalKms.open(other, PASSPHRASE))
                .withMessageContaining(
                        CryptoProvider.isFips()
                                ? "made by a distribution without FIPS"
                                : "made by the FIPS distribution")
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KEY_STORE_REFUSED));
    }

    /// Fewer iterations would make guessing cheap; very many would make the node hang.
    @Test
    void open_ofAFileWithWeakOrEndlessIterations_isRefused() throws IOException {
        for (int iterations : new int[] {0, 1, 599_999, 10_000_001, -1}) {
            byte[] whole = Files.readAllBytes(file);
            ByteBuffer.wrap(whole).putInt(9, iterations);
            refuses(written(whole), new String(PASSPHRASE));
        }
    }

    @Test
    void open_ofAFileOthersMayTouch_isRefused() throws IOException {
        for (var mode : new String[] {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-", "rw---x---"}) {
            var exposed = written(Files.readAllBytes(file));
            Files.setPosixFilePermissions(exposed, PosixFilePermissions.fromString(mode));

            assertThatExceptionOfType(DeniedException.class)
                    .isThrownBy(() -> LocalKms.open(exposed, PASSPHRASE))
                    .withMessageContaining("hint: chmod 600")
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KEY_STORE_EXPOSED));
        }
    }

    @Test
    void open_ofAnAbsentFile_isUnavailable() {
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> LocalKms.open(folder.resolve("absent"), PASSPHRASE));
    }

    @Test
    void create_overAFile_isRefusedAndLeavesIt() throws IOException {
        byte[] before = Files.readAllBytes(file);

        assertThatExceptionOfType(ConflictException.class)
                .isThrownBy(() -> LocalKms.create(file, PASSPHRASE))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KEY_STORE_EXISTS));
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void create_withAShortPassphrase_isRefused() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> LocalKms.create(folder.resolve("short"), "eleven char".toCharArray()))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.PASSPHRASE_REFUSED));
        assertThat(folder.resolve("short")).doesNotExist();
    }

    @Test
    void create_inAnAbsentFolder_isUnavailable() {
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> LocalKms.create(folder.resolve("none/root-keys"), PASSPHRASE));
    }

    private static Path written(byte[] bytes) throws IOException {
        var path = Files.createTempFile(folder, "altered", "");
        Files.write(path, bytes);
        return path;
    }

    private static void refuses(Path path, String passphrase) {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> LocalKms.open(path, passphrase.toCharArray()))
                .withMessage("key store did not open: wrong passphrase or altered file")
                .withNoCause()
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KEY_STORE_REFUSED));
    }
}
