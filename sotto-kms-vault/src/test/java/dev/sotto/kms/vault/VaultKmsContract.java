package dev.sotto.kms.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.Meter;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.Kms;
import dev.sotto.keys.KmsCallLimits;
import dev.sotto.keys.RemoteKmsContract;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against the simulator, for both ways to bind a context.
abstract class VaultKmsContract extends RemoteKmsContract {
    private static final EncryptionContext CONTEXT = EncryptionContext.ofSecret("node-secret");
    private static final KmsCallLimits LIMITS = new KmsCallLimits(
            Duration.ofMillis(2_500), Duration.ofSeconds(3), 2, Duration.ofMillis(1), Duration.ofMillis(1), 32);

    @TempDir
    private Path folder;

    private VaultSimulator vault;
    private VaultKms kms;

    abstract boolean derived();

    @BeforeEach
    void start() throws Exception {
        var identity = TestIdentity.of("localhost");
        vault = new VaultSimulator(identity, identity.pem(folder.resolve("anchors.pem")));
        for (var name : new String[] {"root-1", "root-2"}) {
            vault.engines.get("transit").create(name, derived());
        }
        kms = (VaultKms) openAnother();
    }

    @AfterEach
    void stop() {
        kms.close();
        vault.close();
        assertThat(vault.complaints()).isEmpty();
        assertThat(vault.engines.get("transit").has("no-such-key"))
                .as("made by the server because it was asked for")
                .isFalse();
    }

    @Override
    protected Kms kms() {
        return kms;
    }

    @Override
    protected KeyUri kek() {
        return new KeyUri("vault:transit/root-1");
    }

    @Override
    protected KeyUri otherKek() {
        return new KeyUri("vault:transit/root-2");
    }

    @Override
    protected Kms openAnother() {
        return VaultKms.open(vault.config(Logins.appRole(folder), LIMITS), Meter.none(), new SplittableRandom());
    }

    @Override
    protected void fallSilent() {
        vault.fallSilent();
    }

    @Override
    protected void answerAgain() {
        vault.answerAgain();
    }

    @Override
    protected Duration patience() {
        return LIMITS.total();
    }

    @Test
    void rotatedKey_opensOldVersions_andRewrapMovesToTheNewest() {
        try (var key = DataKey.random(new SecureRandom())) {
            var old = kms.wrap(kek(), key, CONTEXT);
            vault.engines.get("transit").rotate("root-1");
            assertThat(kms.unwrap(old, CONTEXT)).isEqualTo(key);

            var moved = kms.rewrap(old, CONTEXT, kek());

            assertThat(VaultKms.keyVersion(old)).isEqualTo(1);
            assertThat(VaultKms.keyVersion(moved)).isEqualTo(2);
            assertThat(kms.unwrap(moved, CONTEXT)).isEqualTo(key);
            assertThat(vault.requests().contains("POST /v1/transit/rewrap/root-1"))
                    .as("inside the server")
                    .isEqualTo(derived());
        }
    }
}
