package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sotto.core.ConflictException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.keys.Recipient.Suite;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Exports to a recipient: who opens them, who does not, and what no alteration gets by.
class SealedExportTest {
    @BeforeEach
    void notInTheFipsDistribution() {
        assumeTrue(Recipient.Suite.X25519.isPresent(), "the FIPS module has no X25519");
    }

    private static final HexFormat HEX = HexFormat.of();
    private static final char[] PASSPHRASE = "correct horse battery staple".toCharArray();

    private final SecureRandom random = new SecureRandom();
    private final SealedExport export = new SealedExport(random, Meter.none());

    @ParameterizedTest
    @EnumSource(Suite.class)
    void file_ofAnyLength_opensForItsRecipient(Suite suite) throws Exception {
        try (var key = RecipientKey.generate(suite, random)) {
            for (int length : List.of(0, 1, 16383, 16384, 16385, 100_000)) {
                byte[] plain = new byte[length];
                random.nextBytes(plain);

                assertThat(open(key, seal(key.recipient(), plain))).isEqualTo(plain);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void file_withAnyByteAltered_isRefused(Suite suite) throws Exception {
        try (var key = RecipientKey.generate(suite, random)) {
            byte[] sealed = seal(key.recipient(), "hello".getBytes(UTF_8));
            for (int at = 0; at < sealed.length; at += at > 100 && sealed.length > 500 ? 11 : 1) {
                byte[] altered = sealed.clone();
                altered[at] ^= (byte) (1 << at % 8);
                refuses(key, altered);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void file_cutAtAnyBoundaryOrProlonged_isRefused(Suite suite) throws Exception {
        try (var key = RecipientKey.generate(suite, random)) {
            byte[] sealed = seal(key.recipient(), new byte[40_000]);
            int sent = SealedExport.HEADER_LENGTH + suite.kem().encapsulationLength();
            int message = sent + 48;
            for (int cut : List.of(
                    0,
                    8,
                    9,
                    11,
                    13,
                    15,
                    SealedExport.HEADER_LENGTH,
                    sent,
                    message,
                    message + 24,
                    message + 56,
                    message + 56 + 16400,
                    message + 56 + 2 * 16400,
                    sealed.length - 1)) {
                refuses(key, Arrays.copyOf(sealed, cut));
            }
            refuses(key, Arrays.copyOf(sealed, sealed.length + 1));
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void file_ofAnotherRecipient_isRefused(Suite suite) throws Exception {
        try (var key = RecipientKey.generate(suite, random);
                var other = RecipientKey.generate(suite, random)) {
            byte[] sealed = seal(key.recipient(), new byte[10]);
            byte[] renamed = sealed.clone();
            System.arraycopy(other.recipient().id(), 0, renamed, SealedExport.HEADER_LENGTH - 32, 32);

            refuses(other, sealed);
            refuses(other, renamed);
            refuses(key, renamed);
        }
    }

    /// Whoever has the classical half of a hybrid key, or hopes that the reader has, gets nowhere.
    @Test
    void hybridKey_neverOpensWhatWasSealedToItsClassicalHalf() throws Exception {
        try (var hybrid = RecipientKey.generate(Suite.X_WING, random)) {
            byte[] publicKey = hybrid.recipient().publicKey();
            var half = new Recipient(
                    Suite.X25519, Arrays.copyOfRange(publicKey, publicKey.length - X25519.LENGTH, publicKey.length));
            byte[] sealed = seal(half, new byte[10]);
            byte[] renamed = sealed.clone();
            System.arraycopy(hybrid.recipient().id(), 0, renamed, SealedExport.HEADER_LENGTH - 32, 32);
            byte[] asHybrid = renamed.clone();
            asHybrid[9] = 0x64;
            asHybrid[10] = 0x7a;
            byte[] asClassical = seal(hybrid.recipient(), new byte[10]);
            asClassical[9] = 0;
            asClassical[10] = 0x20;

            for (byte[] attempt : List.of(sealed, renamed, asHybrid, asClassical)) {
                refuses(hybrid, attempt);
            }
            byte[] reveal = hybrid.reveal();
            try (var classical = RecipientKey.of(Suite.X25519, Arrays.copyOfRange(reveal, 64, 96))) {
                assertThat(open(classical, sealed)).hasSize(10); // the attempt itself was sound
                refuses(classical, seal(hybrid.recipient(), new byte[10]));
            }
        }
    }

    @Test
    void recipient_ofLowOrder_isRefusedBeforeAnythingIsWritten() {
        var zero = new Recipient(Suite.X25519, new byte[32]);
        var out = new MemoryChannel();

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> export.seal(zero, channel(new byte[10]), out));
        assertThat(out.content()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void recipient_asText_comesBack_andNoDigitMayChange(Suite suite) {
        var recipient = RecipientKey.generate(suite, random).recipient();
        var text = recipient.text();

        assertThat(Recipient.parse(text + "\n")).isEqualTo(recipient);
        int digit = text.indexOf(' ', 20) + 5;
        for (var wrong : List.of(
                "",
                "x",
                text.substring(1),
                text.substring(0, text.length() - 1),
                text.substring(0, digit) + (text.charAt(digit) == 'A' ? 'B' : 'A') + text.substring(digit + 1),
                text.replace("x-wing", "x").replace("x25519", "x"),
                text.contains("x-wing") ? text.replace("x-wing", "x25519") : text.replace("x25519", "x-wing"),
                text + " more")) {
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> Recipient.parse(wrong))
                    .withMessageNotContaining(recipient.fingerprint().substring(0, 8));
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void keyFile_isForItsOwnerAndOpensWithItsPassphraseOnly(Suite suite, @TempDir Path folder) throws Exception {
        var file = folder.resolve("recipient.key");
        try (var key = RecipientKey.generate(suite, random)) {
            key.write(file, PASSPHRASE, random);

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(HEX.formatHex(Files.readAllBytes(file)))
                    .doesNotContain(HEX.formatHex(Arrays.copyOf(key.reveal(), 16)));
            byte[] sealed = seal(key.recipient(), new byte[10]);
            try (var again = RecipientKey.read(file, PASSPHRASE)) {
                assertThat(again.recipient()).isEqualTo(key.recipient());
                assertThat(open(again, sealed)).hasSize(10);
            }
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> RecipientKey.read(file, "another passphrase".toCharArray()));
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> key.write(folder.resolve("short"), "short".toCharArray(), random));
            assertThatExceptionOfType(ConflictException.class).isThrownBy(() -> key.write(file, PASSPHRASE, random));
        }
    }

    @Test
    void keyFile_withAFieldAltered_isRefused() throws Exception {
        try (var key = RecipientKey.generate(Suite.X25519, random)) {
            byte[] sealed = key.seal(PASSPHRASE, random);
            // magic, version, iterations, salt, suite, public key, message
            for (int at : List.of(0, 8, 10, 13, 46, 47, 110)) {
                byte[] altered = sealed.clone();
                altered[at] ^= 1;
                assertThat(opens(altered)).as("byte %d", at).isFalse();
            }
            for (int length : List.of(0, 46, 47, 78, sealed.length - 1)) {
                assertThat(opens(Arrays.copyOf(sealed, length))).isFalse();
            }
            assertThat(opens(sealed)).isTrue();
        }
    }

    private static boolean opens(byte[] sealed) {
        try {
            RecipientKey.open(sealed, PASSPHRASE).close();
            return true;
        } catch (RejectedException | SealedDataException refused) {
            return false;
        }
    }

    private static ReadableByteChannel channel(byte[] bytes) {
        return Channels.newChannel(new ByteArrayInputStream(bytes));
    }

    private byte[] seal(Recipient recipient, byte[] plain) throws IOException {
        var out = new MemoryChannel();
        export.seal(recipient, channel(plain), out);
        return out.content();
    }

    private byte[] open(RecipientKey key, byte[] sealed) throws IOException {
        var out = new MemoryChannel();
        export.open(key, new MemoryChannel(sealed), out);
        return out.content();
    }

    private void refuses(RecipientKey key, byte[] sealed) {
        var out = new MemoryChannel();
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> export.open(key, new MemoryChannel(sealed), out));
        assertThat(out.content()).isEmpty();
    }
}
