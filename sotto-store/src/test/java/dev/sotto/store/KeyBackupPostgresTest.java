package dev.sotto.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ActorId;
import dev.sotto.core.DataClass;
import dev.sotto.core.IdSource;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.Meter;
import dev.sotto.core.SealContext;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.keys.FakeKms;
import dev.sotto.keys.KeyBackup.Outcome;
import dev.sotto.keys.KeyBackup.Restored;
import dev.sotto.keys.KeyBackup.Tried;
import dev.sotto.keys.KeyRoots;
import dev.sotto.keys.KeyService;
import dev.sotto.keys.KeyServiceConfig;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.Kms;
import dev.sotto.keys.OnlyKms;
import dev.sotto.testkit.FakeAuditSink;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Backups of keys from one real database into another, after a disaster that took the primary root key.
class KeyBackupPostgresTest {
    private static final ActorId NODE = new ActorId(ActorId.Kind.NODE, "test-node");
    private static final byte[] WORDS = {1, 2, 3};
    private static final int MORE_THAN_A_BATCH = 510;

    @TempDir
    private static Path folder;

    private static PostgresNode after;

    private final FakeKms kms = new FakeKms();
    private final IdSource ids = new IdSource(Clock.systemUTC(), new SecureRandom());
    private final KeyService keys =
            service(new OnlyKms(kms, FakeKms.PRIMARY, FakeKms.BACKUP), FakeKms.PRIMARY, TestPostgres.shared());
    private final TenantId tenant = ids.tenantId();
    private final Map<SealContext, byte[]> sealed = new LinkedHashMap<>();

    @BeforeAll
    static void startAnother() {
        after = PostgresNode.start(TestPostgres.config(folder));
        Store.migrate(after.dataSource(Role.OWNER));
    }

    @AfterAll
    static void stop() {
        after.close();
    }

    private static KeyService service(Kms kms, KeyUri root, PostgresNode database) {
        return new KeyService(
                kms,
                new KeyRoots(root, Optional.of(FakeKms.BACKUP)),
                new PostgresKeyRecords(database.dataSource(Role.KEYS)),
                new FakeAuditSink(),
                Clock.systemUTC(),
                new SecureRandom(),
                Meter.none(),
                KeyServiceConfig.defaults(NODE));
    }

    private KeyService afterwards() {
        return service(new OnlyKms(kms, FakeKms.BACKUP, FakeKms.SECOND), FakeKms.SECOND, after);
    }

    private SealContext seal(DataClass dataClass) {
        var call = ids.callId();
        var context =
                new SealContext(tenant, dataClass, new KeyOwner.OfCall(call), "call", call.toString(), "words", 1);
        sealed.put(context, keys.sealer().seal(context, WORDS));
        return context;
    }

    private Path backup(String name) throws IOException {
        Path file = folder.resolve(name + ids.callId());
        try (var out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            keys.backup().create(Optional.of(tenant), out, NODE);
        }
        return file;
    }

    private static Restored restore(KeyService into, Path file) throws IOException {
        try (var in = FileChannel.open(file, StandardOpenOption.READ)) {
            return into.backup().restore(in, Set.of(), NODE);
        }
    }

    @Test
    void everyKey_comesBackWithoutThePrimaryRoot_andOpensWhatWasSealed() throws Exception {
        keys.createTenant(tenant);
        seal(DataClass.RECORDING);
        seal(DataClass.TRANSCRIPT);
        for (int i = 0; i < MORE_THAN_A_BATCH; i++) {
            keys.renewRecordKey(tenant, DataClass.RECORDING, new KeyOwner.OfCall(ids.callId()));
        }
        var index = keys.blindIndex().of(tenant, "number", "+14155550123");
        Path file = backup("all");

        var restored = restore(afterwards(), file);

        var there = afterwards();
        sealed.forEach((context, bytes) ->
                assertThat(there.sealer().open(context, bytes)).isEqualTo(WORDS));
        assertThat(there.blindIndex().of(tenant, "number", "+14155550123")).isEqualTo(index);
        assertThat(restored.recordKeys()).isEqualTo(MORE_THAN_A_BATCH + 2);
        assertThat(restored.tried()).extracting(Tried::outcome).containsOnly(Outcome.OPENED);
        assertThat(restore(there, file).recordKeys()).isEqualTo(MORE_THAN_A_BATCH + 2); // again: harmless
        var primaryOnly = service(new OnlyKms(kms, FakeKms.PRIMARY, FakeKms.SECOND), FakeKms.PRIMARY, after);
        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> restore(primaryOnly, file));
    }

    @Test
    void whoWasErased_beforeOrAfterTheBackup_doesNotComeBack() throws Exception {
        keys.createTenant(tenant);
        var before = seal(DataClass.RECORDING);
        var later = seal(DataClass.RECORDING);
        var kept = seal(DataClass.RECORDING);
        keys.destroyRecordKey(tenant, DataClass.RECORDING, before.owner());
        Path file = backup("erased");
        afterwards().destroyRecordKey(tenant, DataClass.RECORDING, later.owner());

        var restored = restore(afterwards(), file);

        var there = afterwards();
        assertThat(restored.recordKeys()).isEqualTo(1);
        assertThat(restored.erased()).isEqualTo(1);
        assertThat(there.sealer().open(kept, sealed.get(kept))).isEqualTo(WORDS);
        for (var gone : Set.of(before, later)) {
            assertThatExceptionOfType(SottoException.class)
                    .isThrownBy(() -> there.sealer().open(gone, sealed.get(gone)));
            assertThatExceptionOfType(SottoException.class)
                    .isThrownBy(() -> there.sealer().seal(gone, WORDS));
        }
    }
}
