package dev.sotto.kms.gcp;

import dev.sotto.core.IdSource;
import dev.sotto.core.Meter;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeySlot;
import dev.sotto.keys.KeyTier;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KmsCallLimits;
import dev.sotto.keys.WrappedKey;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/// A simulated project with two keys, and clients of it.
public final class GcpFixture implements AutoCloseable {
    static final KmsCallLimits LIMITS = new KmsCallLimits(
            Duration.ofMillis(1500), Duration.ofSeconds(4), 3, Duration.ofMillis(1), Duration.ofMillis(5), 64);
    static final SecureRandom RANDOM = new SecureRandom();
    static final IdSource IDS = new IdSource(Clock.systemUTC(), RANDOM);

    final GcpKmsSimulator google = new GcpKmsSimulator();
    final KeyUri kek = new KeyUri("gcp:" + google.key("root"));
    final KeyUri otherKek = new KeyUri("gcp:" + google.key("other"));

    private final Path keyFile;

    public GcpFixture(Path folder) throws IOException {
        keyFile = google.keyFile(folder, google.account());
        try (var warm = open(keyFile, Meter.none(), patient())) { // the first request of a process takes long
            wrapped(warm, kek, context());
        }
    }

    /// The key that tests of others use.
    public KeyUri key() {
        return kek;
    }

    /// Where the service answers.
    public URI endpoint() {
        return google.endpoint();
    }

    /// The key file of the service account.
    public Path credentialsFile() {
        return keyFile;
    }

    GcpKms open(Meter meter) {
        return open(keyFile, meter);
    }

    GcpKms open(Path file, Meter meter) {
        return open(file, meter, LIMITS);
    }

    private GcpKms open(Path file, Meter meter, KmsCallLimits limits) {
        return new GcpKms(new GcpKmsConfig(Set.of("clinic-keys"), google.endpoint(), Optional.of(file), limits), meter);
    }

    private static KmsCallLimits patient() {
        return new KmsCallLimits(
                Duration.ofSeconds(20), Duration.ofSeconds(40), 2, Duration.ofMillis(1), Duration.ofMillis(5), 4);
    }

    static EncryptionContext context() {
        return EncryptionContext.of(KeySlot.tenant(IDS.tenantId(), KeyTier.PRIMARY), 1, IDS.next());
    }

    static WrappedKey wrapped(GcpKms kms, KeyUri kek, EncryptionContext context) {
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
        google.close();
    }
}
