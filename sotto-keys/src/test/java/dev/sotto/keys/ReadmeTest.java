package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.DataClass;
import dev.sotto.core.IdSource;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.Meter;
import dev.sotto.core.SealContext;
import dev.sotto.testkit.FakeAuditSink;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The ten lines of the module's README, run with real root keys.
class ReadmeTest {
    @Test
    void tenLines_work(@TempDir Path folder) {
        var ids = new IdSource(Clock.systemUTC(), new SecureRandom());
        var tenant = ids.tenantId();
        var call = ids.callId();
        var node = KeysFixture.NODE;
        var records = new InMemoryKeyRecords();
        var audit = new FakeAuditSink();
        char[] passphrase = "correct horse battery".toCharArray();
        byte[] words = "hello".getBytes(UTF_8);
        try (var kms = LocalKms.create(folder.resolve("root-keys"), passphrase);
                var keys = new KeyService(
                        kms,
                        LocalKms.PRIMARY,
                        records,
                        audit,
                        Clock.systemUTC(),
                        new SecureRandom(),
                        Meter.none(),
                        KeyServiceConfig.defaults(node))) {
            keys.createTenant(tenant);
            var context =
                    new SealContext(tenant, DataClass.TRANSCRIPT, new KeyOwner.OfCall(call), "turn", "7", "text", 1);
            byte[] sealed = keys.sealer().seal(context, words);
            assertThat(keys.sealer().open(context, sealed)).isEqualTo(words);
            keys.destroyRecordKey(tenant, DataClass.TRANSCRIPT, new KeyOwner.OfCall(call));
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> keys.sealer().open(context, sealed));
        }
    }
}
