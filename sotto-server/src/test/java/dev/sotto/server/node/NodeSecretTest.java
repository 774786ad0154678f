package dev.sotto.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.KeyRoots;
import dev.sotto.keys.KeyTier;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.Kms;
import dev.sotto.keys.LocalKms;
import dev.sotto.keys.WrappedKey;
import dev.sotto.kms.aws.AwsFixture;
import dev.sotto.kms.gcp.GcpFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Under which root keys the node's own secret lies.
class NodeSecretTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final char[] PASSPHRASE = "a passphrase of a test".toCharArray();

    @TempDir
    private Path folder;

    private DataDirectory data;
    private LocalKms local;

    @BeforeEach
    void make() {
        data = new DataDirectory(folder.resolve("data"));
        PrivateFiles.directory(data.root());
        local = LocalKms.create(data.keystore(), PASSPHRASE);
    }

    @AfterEach
    void close() {
        local.close();
    }

    private SensitiveText password(KmsConfig config, boolean recovering) {
        Kms services = KmsWiring.open(config, local, RANDOM, Meter.none()); // not closed: local goes on
        try (var secret = NodeSecret.open(data, services, config.roots(), RANDOM, recovering)) {
            return secret.password("test");
        }
    }

    private static KeyUri root(Path file) {
        return WrappedKey.decode(PrivateFiles.read(file)).kek();
    }

    private static KmsConfig config(String text) {
        return NodeConfig.read("test", text).keys().kms();
    }

    private static String of(AwsFixture aws) {
        return """
                keys.kms.aws.accounts = 111122223333
                keys.kms.aws.regions = %s
                keys.kms.aws.endpoint.%s = %s
                keys.kms.aws.credentials-file = %s
                """.formatted(AwsFixture.HOME, AwsFixture.HOME, aws.endpoint(), aws.credentialsFile());
    }

    private static String of(GcpFixture google) {
        return """
                keys.kms.gcp.projects = clinic-keys
                keys.kms.gcp.endpoint = %s
                keys.kms.gcp.credentials-file = %s
                """.formatted(google.endpoint(), google.credentialsFile());
    }

    @Test
    void secret_underTheKeyStore_staysTheSame_andFollowsANewRootKey() {
        var password = password(KmsConfig.local(), false);
        KeyUri before = root(data.nodeSecret());
        local.close();
        local = LocalKms.rotate(data.keystore(), PASSPHRASE, KeyTier.PRIMARY);

        assertThat(password(KmsConfig.local(), false)).isEqualTo(password);
        assertThat(root(data.nodeSecret())).isNotEqualTo(before).isEqualTo(local.newest(LocalKms.PRIMARY));
        assertThat(root(data.nodeSecretOfBackup())).isEqualTo(local.newest(LocalKms.BACKUP));
    }

    @Test
    void secret_movesUnderARootKeyOutside_andThenTheKeyStoreAloneOpensNothing() throws IOException {
        var password = password(KmsConfig.local(), false);
        try (var google = new GcpFixture(folder)) {
            var outside = config("keys.root = %s\n".formatted(google.key().text()) + of(google));

            assertThat(password(outside, false)).isEqualTo(password);

            assertThat(root(data.nodeSecret()).scheme()).isEqualTo("gcp");
            assertThat(data.nodeSecretOfBackup()).doesNotExist();
            assertThat(password(outside, false)).isEqualTo(password);
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> password(KmsConfig.local(), true))
                    .withMessageContaining("is under the root key (gcp:")
                    .withMessageContaining("hint: --config FILE with keys.kms.gcp");
            google.stop();
            assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> password(outside, false));
        }
    }

    @Test
    void secret_whoseRootKeyIsGone_opensWithTheBackupOne_whenKeysAreRestoredOnly() throws IOException {
        try (var google = new GcpFixture(folder);
                var aws = new AwsFixture(folder)) {
            var both = config("keys.root = %s\nkeys.backup-root = %s\n"
                            .formatted(aws.key().text(), google.key().text())
                    + of(aws)
                    + of(google));
            var password = password(both, false);
            assertThat(root(data.nodeSecretOfBackup()).scheme()).isEqualTo("gcp");
            aws.stop();
            var left = new KmsConfig(
                    new KeyRoots(LocalKms.PRIMARY, Optional.of(google.key())),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    config(of(google)).clouds());

            assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> password(left, false));
            assertThat(password(left, true)).isEqualTo(password);
            assertThat(root(data.nodeSecret()).scheme()).isEqualTo("local");
            assertThat(password(left, false)).isEqualTo(password);
        }
    }

    @Test
    void secret_thatWasAltered_isRefused_andLeftAsItIs() throws IOException {
        password(KmsConfig.local(), false);
        byte[] altered = PrivateFiles.read(data.nodeSecret());
        altered[altered.length - 1] ^= 1;
        PrivateFiles.write(data.nodeSecret(), altered);

        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> password(KmsConfig.local(), false));
        assertThat(Files.readAllBytes(data.nodeSecret())).isEqualTo(altered);
    }
}
