package dev.sotto.kms.aws;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Two simulated regions with two plain keys, an alias and a multi-Region key, and clients of them.
public final class AwsFixture implements AutoCloseable {
    static final KmsCallLimits LIMITS = new KmsCallLimits(
            Duration.ofMillis(1500), Duration.ofSeconds(4), 3, Duration.ofMillis(1), Duration.ofMillis(5), 64);
    public static final String HOME = "eu-central-1";
    static final String AWAY = "eu-west-1";
    static final String PLAIN = "00000000-0000-4000-8000-000000000001";
    static final String OTHER = "00000000-0000-4000-8000-000000000002";
    static final String REPLICATED = "mrk-00000000000000000000000000000003";

    static final SecureRandom RANDOM = new SecureRandom();
    static final IdSource IDS = new IdSource(Clock.systemUTC(), RANDOM);

    final AwsKmsSimulator home;
    final AwsKmsSimulator away;
    final KeyUri plain;
    final KeyUri otherPlain;
    final KeyUri alias = new KeyUri("aws:arn:aws:kms:%s:%s:alias/sotto".formatted(HOME, AwsKmsSimulator.ACCOUNT));
    final KeyUri replicated;

    private final Path credentials;

    public AwsFixture(Path folder) throws IOException {
        credentials = Files.createTempFile(
                folder,
                "credentials",
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        credentials(AwsKmsSimulator.SECRET);
        var material = new AwsKmsSimulator.Material();
        home = new AwsKmsSimulator(HOME, material);
        away = new AwsKmsSimulator(AWAY, material);
        plain = new KeyUri("aws:" + home.key(PLAIN));
        otherPlain = new KeyUri("aws:" + home.key(OTHER));
        replicated = new KeyUri("aws:" + home.key(REPLICATED));
        away.key(REPLICATED);
        home.alias("sotto", PLAIN);
        try (var warm = new AwsKms(config(Optional.of(credentials), patient()), Meter.none());
                var key = DataKey.random(RANDOM)) { // the SDK's first request takes long
            warm.wrap(plain, key, EncryptionContext.ofSecret("node-secret"));
        }
    }

    /// The key of [#HOME] that tests of others use.
    public KeyUri key() {
        return plain;
    }

    /// Where that region answers.
    public URI endpoint() {
        return home.endpoint();
    }

    /// The credentials file that opens it.
    public Path credentialsFile() {
        return credentials;
    }

    void credentials(String secret) throws IOException {
        Files.writeString(credentials, """
                [default]
                aws_access_key_id = %s
                aws_secret_access_key = %s
                """.formatted(AwsKmsSimulator.ACCESS_KEY, secret));
    }

    AwsKms open(Meter meter) {
        return new AwsKms(config(Optional.of(credentials)), meter);
    }

    private static KmsCallLimits patient() {
        return new KmsCallLimits(
                Duration.ofSeconds(20), Duration.ofSeconds(40), 2, Duration.ofMillis(1), Duration.ofMillis(5), 4);
    }

    AwsKmsConfig config(Optional<Path> file) {
        return config(file, LIMITS);
    }

    private AwsKmsConfig config(Optional<Path> file, KmsCallLimits limits) {
        return new AwsKmsConfig(
                Set.of(AwsKmsSimulator.ACCOUNT),
                List.of(HOME, AWAY),
                Map.of(HOME, home.endpoint(), AWAY, away.endpoint()),
                false,
                file,
                "default",
                limits);
    }

    static EncryptionContext context() {
        return EncryptionContext.of(KeySlot.tenant(IDS.tenantId(), KeyTier.PRIMARY), 1, IDS.next());
    }

    static WrappedKey wrapped(AwsKms kms, KeyUri kek, EncryptionContext context) {
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
        home.close();
        away.close();
    }
}
