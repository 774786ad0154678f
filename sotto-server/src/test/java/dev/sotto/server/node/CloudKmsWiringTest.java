package dev.sotto.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.Meter;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.Kms;
import dev.sotto.keys.LocalKms;
import dev.sotto.kms.aws.AwsFixture;
import dev.sotto.kms.azure.AzureFixture;
import dev.sotto.kms.azure.AzureKmsConfig;
import dev.sotto.kms.gcp.GcpFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A root key in a cloud, by configuration, against the simulator of its adapter. [CloudNames] leads Azure's names to
/// this machine.
class CloudKmsWiringTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final EncryptionContext CONTEXT = EncryptionContext.ofSecret("test");

    @TempDir
    private static Path folder;

    private static LocalKms local;

    @BeforeAll
    static void makeKeyStore() {
        local = LocalKms.create(folder.resolve("kms.p12"), "a passphrase of a test".toCharArray());
    }

    @AfterAll
    static void close() {
        local.close();
    }

    @Test
    void aws_wrapsUnderItsRoot_andAbsentNothingStarts() throws IOException {
        try (var aws = new AwsFixture(folder)) {
            var config = read("""
                    keys.root = %s
                    keys.kms.aws.accounts = 111122223333
                    keys.kms.aws.regions = %s
                    keys.kms.aws.endpoint.%s = %s
                    keys.kms.aws.credentials-file = %s
                    """.formatted(
                            aws.key().text(), AwsFixture.HOME, AwsFixture.HOME, aws.endpoint(), aws.credentialsFile()));

            wrapsAndOpens(config, aws.key());
            aws.stop();
            refusesToStart(config, "aws");
        }
    }

    @Test
    void gcp_wrapsUnderItsRoot_andAbsentNothingStarts() throws IOException {
        try (var google = new GcpFixture(folder)) {
            var config = read("""
                    keys.root = %s
                    keys.kms.gcp.projects = clinic-keys
                    keys.kms.gcp.endpoint = %s
                    keys.kms.gcp.credentials-file = %s
                    """.formatted(google.key().text(), google.endpoint(), google.credentialsFile()));

            wrapsAndOpens(config, google.key());
            google.stop();
            refusesToStart(config, "gcp");
        }
    }

    @Test
    void azure_wrapsUnderItsRoot_andAbsentNothingStarts() throws IOException {
        try (var azure = new AzureFixture(folder)) {
            String authority = azure.authority().toString();
            var read = read("""
                    keys.root = %s
                    keys.kms.azure.managed-hsms = %s
                    keys.kms.azure.authority = %s
                    keys.kms.azure.trust-anchors = %s
                    """.formatted(
                            azure.key().text(),
                            azure.hsm(),
                            authority.substring(0, authority.length() - 1),
                            azure.trustAnchors()));
            // The secret is a systemd credential, which a test has not.
            var settings = read.clouds().azure().orElseThrow();
            var config = new KmsConfig(
                    read.roots(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    new CloudKmsConfig(
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of(new AzureKmsConfig(
                                    settings.vaults(),
                                    azure.credential(),
                                    settings.authority(),
                                    settings.trustAnchors(),
                                    settings.limits()))));

            wrapsAndOpens(config, azure.key());
            azure.stop();
            refusesToStart(config, "azure");
        }
    }

    @Test
    void aKeyThatTheCloudDoesNotHave_namesTheSettingAndTheKey() throws IOException {
        try (var google = new GcpFixture(folder)) {
            String absent = google.key().text() + "-absent";
            var config = read("""
                    keys.backup-root = %s
                    keys.kms.gcp.projects = clinic-keys
                    keys.kms.gcp.endpoint = %s
                    keys.kms.gcp.credentials-file = %s
                    """.formatted(absent, google.endpoint(), google.credentialsFile()));

            assertThatExceptionOfType(UnavailableException.class)
                    .isThrownBy(() -> KmsWiring.open(config, local, RANDOM, Meter.none()))
                    .withMessageContaining("keys.backup-root (%s)".formatted(absent))
                    .withMessageContaining("names no key of the key service (gcp)");
        }
    }

    private static KmsConfig read(String text) {
        return NodeConfig.read("test", text).keys().kms();
    }

    private static void wrapsAndOpens(KmsConfig config, KeyUri root) {
        // Not closed: that would close the local one, which the other tests use.
        Kms services = KmsWiring.open(config, local, RANDOM, Meter.none());
        try (var key = DataKey.random(RANDOM)) {
            var wrapped = services.wrap(root, key, CONTEXT);
            assertThat(wrapped.kek()).isEqualTo(root);
            try (var back = services.unwrap(wrapped, CONTEXT)) {
                assertThat(back).isEqualTo(key);
            }
        }
    }

    private static void refusesToStart(KmsConfig config, String scheme) {
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> KmsWiring.open(config, local, RANDOM, Meter.none()))
                .withMessageContaining("keys.root (%s:".formatted(scheme))
                .withMessageContaining("key service (%s)".formatted(scheme));
        try (var key = DataKey.random(RANDOM)) {
            local.wrap(LocalKms.PRIMARY, key, CONTEXT); // is still its owner's
        }
    }
}
