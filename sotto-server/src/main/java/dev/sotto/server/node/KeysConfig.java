package dev.sotto.server.node;

import dev.sotto.keys.KeyLifeConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// The `keys.` keys of the configuration.
///
/// @param keystore the local key store; empty means `kms.p12` in the data directory
/// @param life how long keys live
/// @param kms where root keys are
public record KeysConfig(Optional<Path> keystore, KeyLifeConfig life, KmsConfig kms) {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration LONGEST_WAIT = Duration.ofDays(90);

    static KeysConfig read(ConfigReader reader) {
        KeyLifeConfig defaults = KeyLifeConfig.defaults();
        return new KeysConfig(
                reader.path("keys.keystore"),
                new KeyLifeConfig(
                        reader.duration("keys.class-rotation", defaults.classAge(), DAY, KeyLifeConfig.MAX_CLASS_AGE),
                        reader.integer("keys.class-uses", (int) defaults.classUses(), 1_000, 1 << 30),
                        reader.integer("keys.class-gibibytes", (int) (defaults.classBytes() >> 30), 1, 1 << 20)
                                * (1L << 30),
                        reader.duration(
                                "keys.tenant-rotation", defaults.tenantAge(), DAY, KeyLifeConfig.MAX_TENANT_AGE),
                        reader.duration("keys.destruction-wait", defaults.waiting(), DAY, LONGEST_WAIT),
                        reader.duration("keys.copy-life", defaults.copyLife(), DAY, Duration.ofDays(3_660)),
                        defaults.stateAge()),
                KmsConfig.read(reader));
    }
}
