package dev.sotto.kms.azure;

import dev.sotto.core.IdSource;
import dev.sotto.core.Meter;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeySlot;
import dev.sotto.keys.KeyTier;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KmsCallLimits;
import dev.sotto.keys.Passphrase;
import dev.sotto.keys.WrappedKey;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// A simulated HSM and vault with two keys each, and clients of them.
public final class AzureFixture implements AutoCloseable {
    static final KmsCallLimits LIMITS = new KmsCallLimits(
            Duration.ofMillis(2000), Duration.ofSeconds(5), 3, Duration.ofMillis(1), Duration.ofMillis(5), 64);
    static final SecureRandom RANDOM = new SecureRandom();
    static final IdSource IDS = new IdSource(Clock.systemUTC(), RANDOM);

    final AzureSimulator azure = new AzureSimulator();
    final KeyUri aes = new KeyUri("azure:" + azure.aesKey("root"));
    final KeyUri otherAes = new KeyUri("azure:" + azure.aesKey("other"));
    final KeyUri rsa = new KeyUri("azure:" + azure.rsaKey("root"));
    final KeyUri otherRsa = new KeyUri("azure:" + azure.rsaKey("other"));

    private final Path folder;
    private final Path anchors;

    public AzureFixture(Path folder) throws IOException {
        this.folder = folder;
        this.anchors = azure.pem(folder);
        try (var warm = open(Meter.none(), patient())) { // the first request of a process takes long
            wrapped(warm, aes, context());
            wrapped(warm, rsa, context());
        }
    }

    /// The key of the HSM that tests of others use.
    public KeyUri key() {
        return aes;
    }

    /// Host and port of the HSM; its name must mean this machine.
    public String hsm() {
        return AzureSimulator.HSM + ":" + azure.http().port();
    }

    /// An application that may use its keys.
    public AzureCredential credential() throws IOException {
        var file = secret(AzureSimulator.SECRET);
        return new AzureCredential.ClientSecret(
                AzureSimulator.DIRECTORY, AzureSimulator.CLIENT, () -> Passphrase.ofInsecureFile(file));
    }

    /// Where applications sign in.
    public URI authority() {
        return azure.authority();
    }

    /// Whom to believe.
    public Path trustAnchors() {
        return anchors;
    }

    private static KmsCallLimits patient() {
        return new KmsCallLimits(
                Duration.ofSeconds(20), Duration.ofSeconds(40), 2, Duration.ofMillis(1), Duration.ofMillis(5), 4);
    }

    AzureKms open(Meter meter) throws IOException {
        return open(meter, LIMITS);
    }

    private AzureKms open(Meter meter, KmsCallLimits limits) throws IOException {
        return open(secret(AzureSimulator.SECRET), Optional.of(anchors), limits, meter);
    }

    AzureKms open(Path secret, Optional<Path> believed, KmsCallLimits limits, Meter meter) {
        return new AzureKms(
                new AzureKmsConfig(
                        Map.of(
                                AzureSimulator.HSM + ":" + azure.http().port(), AzureKeyKind.MANAGED_HSM_AES,
                                AzureSimulator.VAULT + ":" + azure.http().port(),
                                        AzureKeyKind.VAULT_RSA_UNAUTHENTICATED),
                        new AzureCredential.ClientSecret(
                                AzureSimulator.DIRECTORY,
                                AzureSimulator.CLIENT,
                                () -> Passphrase.ofInsecureFile(secret)),
                        Optional.of(azure.authority()),
                        believed,
                        limits),
                meter);
    }

    Path secret(String value) throws IOException {
        var file = Files.createTempFile(
                folder,
                "secret",
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, value);
    }

    static EncryptionContext context() {
        return EncryptionContext.of(KeySlot.tenant(IDS.tenantId(), KeyTier.PRIMARY), 1, IDS.next());
    }

    static WrappedKey wrapped(AzureKms kms, KeyUri kek, EncryptionContext context) {
        try (var key = DataKey.random(RANDOM)) {
            return kms.wrap(kek, key, context);
        }
    }

    /// Answers nobody any more.
    public void stop() {
        close();
    }

    @Override
    public void close() {
        azure.close();
    }
}
