package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ActorId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SealContext;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.KeyBackup.Outcome;
import dev.sotto.testkit.FakeAuditSink;
import dev.sotto.testkit.FakeMeter;
import dev.sotto.testkit.ManualClock;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class KeyBackupTest {
    private static final ActorId OPS = new ActorId(ActorId.Kind.USER, "ops");
    private static final byte[] WORDS = {1, 2, 3};
    private static final Set<UUID> NONE = Set.of();

    private final FakeKms kms = new FakeKms();
    private final ManualClock clock = new ManualClock(Instant.parse("2026-03-01T09:30:00Z"));
    private final FakeAuditSink audit = new FakeAuditSink();
    private final OnlyKms before = new OnlyKms(kms, FakeKms.PRIMARY, FakeKms.OWN, FakeKms.BACKUP);
    private final InMemoryKeyRecords records = new InMemoryKeyRecords();
    private final KeyService keys = service(before, FakeKms.PRIMARY, records);
    private final KeysFixture ids = new KeysFixture();
    private final TenantId tenant = tenant();
    private final Map<SealContext, byte[]> sealed = new LinkedHashMap<>();

    private KeyService service(Kms service, KeyUri root, KeyRecords rows) {
        return new KeyService(
                service,
                new KeyRoots(root, Optional.of(FakeKms.BACKUP)),
                rows,
                audit,
                clock,
                new SecureRandom(),
                new FakeMeter(),
                KeyServiceConfig.defaults(KeysFixture.NODE));
    }

    /// What is left after a disaster: the backup root key, and a fresh root key of another installation.
    private KeyService afterwards(KeyRecords rows) {
        return service(new OnlyKms(kms, FakeKms.BACKUP, FakeKms.SECOND), FakeKms.SECOND, rows);
    }

    private TenantId tenant() {
        var made = ids.ids.tenantId();
        keys.createTenant(made);
        return made;
    }

    private SealContext seal(TenantId whose, DataClass dataClass) {
        var call = ids.ids.callId();
        var context = new SealContext(whose, dataClass, new KeyOwner.OfCall(call), "call", call.toString(), "words", 1);
        sealed.put(context, keys.sealer().seal(context, WORDS));
        return context;
    }

    private byte[] backup() throws IOException {
        var out = new MemoryChannel();
        keys.backup().create(Optional.empty(), out, OPS);
        return out.content();
    }

    private static KeyBackup.Restored restore(KeyService into, byte[] file, Set<UUID> erased) throws IOException {
        return into.backup().restore(new MemoryChannel(file), erased, OPS);
    }

    private void assertOpens(KeyService service) {
        sealed.forEach((context, bytes) ->
                assertThat(service.sealer().open(context, bytes)).isEqualTo(WORDS));
    }

    @Test
    void backup_withThePrimaryRootGone_bringsEveryKeyBack() throws Exception {
        seal(tenant, DataClass.RECORDING);
        keys.lifecycle().rotateClassKey(tenant, DataClass.RECORDING, KeyTier.PRIMARY, OPS);
        seal(tenant, DataClass.RECORDING);
        seal(tenant, DataClass.TRANSCRIPT);
        keys.lifecycle().rotateTenantKey(tenant, KeyTier.PRIMARY, OPS);
        var own = tenant();
        seal(own, DataClass.SUBJECT);
        keys.lifecycle().moveTenant(own, KeyTier.PRIMARY, FakeKms.OWN, OPS);
        keys.lifecycle().rewrapKeys(own, OPS);
        var index = keys.blindIndex().of(tenant, "number", "+14155550123");

        var out = new MemoryChannel();
        var made = keys.backup().create(Optional.empty(), out, OPS);
        var rows = new InMemoryKeyRecords();
        var after = afterwards(rows);
        var restored = restore(after, out.content(), NONE);

        assertOpens(after);
        assertThat(after.blindIndex().of(tenant, "number", "+14155550123")).isEqualTo(index);
        assertThat(made.recordKeys()).isEqualTo(4);
        assertThat(restored.recordKeys()).isEqualTo(4);
        assertThat(restored.keys()).isEqualTo(made.keys());
        assertThat(restored.erased()).isZero();
        assertThat(restored.tried())
                .extracting(KeyBackup.Tried::dataClass)
                .containsExactlyInAnyOrder(DataClass.RECORDING, DataClass.TRANSCRIPT, DataClass.SUBJECT);
        assertThat(restored.tried()).extracting(KeyBackup.Tried::outcome).containsOnly(Outcome.OPENED);
        for (var each : List.of(tenant, own)) {
            var old = records.list(each);
            assertThat(rows.list(each)).hasSameSizeAs(old).allSatisfy(row -> {
                var was = records.find(each, row.id()).orElseThrow();
                assertThat(row.slot()).isEqualTo(was.slot());
                assertThat(row.version()).isEqualTo(was.version());
                assertThat(row.state()).isEqualTo(was.state());
                assertThat(row.createdAt()).isEqualTo(was.createdAt());
            });
        }
    }

    /// The other side of it: who has everything but the backup root key opens nothing of the file.
    @Test
    void backup_withTheBackupRootGone_opensNowhere() throws Exception {
        seal(tenant, DataClass.RECORDING);
        byte[] file = backup();
        var primaryOnly = service(
                new OnlyKms(kms, FakeKms.PRIMARY, FakeKms.OWN, FakeKms.SECOND),
                FakeKms.PRIMARY,
                new InMemoryKeyRecords());

        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> restore(primaryOnly, file, NONE));
        assertThat(new String(file, StandardCharsets.ISO_8859_1))
                .contains("fake:backup")
                .doesNotContain("fake:primary");
    }

    @Test
    void create_neverUnwrapsWithTheBackupRoot() throws Exception {
        seal(tenant, DataClass.RECORDING);

        backup();

        assertThat(before.wrapped()).contains(FakeKms.BACKUP);
        assertThat(before.unwrapped()).doesNotContain(FakeKms.BACKUP);
    }

    @Test
    void erasedRecordKey_isNotInALaterBackup_andItsPlaceStaysTaken() throws Exception {
        var kept = seal(tenant, DataClass.RECORDING);
        var erased = seal(tenant, DataClass.RECORDING);
        keys.destroyRecordKey(tenant, DataClass.RECORDING, erased.owner());

        var after = afterwards(new InMemoryKeyRecords());
        var restored = restore(after, backup(), NONE);

        assertThat(restored.recordKeys()).isEqualTo(1);
        assertThat(after.sealer().open(kept, sealed.get(kept))).isEqualTo(WORDS);
        refuses(after, erased);
        assertThatExceptionOfType(SottoException.class)
                .isThrownBy(() -> after.sealer().seal(erased, WORDS))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(KeysError.RECORD_KEY_DESTROYED));
    }

    @Test
    void restore_whereItWasErasedSince_bringsNobodyBack() throws Exception {
        var inRows = seal(tenant, DataClass.RECORDING);
        var inLog = seal(tenant, DataClass.TRANSCRIPT);
        var kept = seal(tenant, DataClass.SUBJECT);
        byte[] file = backup();
        var rows = new InMemoryKeyRecords();
        rows.destroy(FieldSealer.slot(inRows), 1, clock.instant());
        var named = Set.of(records.latest(FieldSealer.slot(inLog)).orElseThrow().id());

        var after = afterwards(rows);
        var restored = restore(after, file, named);

        assertThat(restored.erased()).isEqualTo(2);
        assertThat(restored.recordKeys()).isEqualTo(1);
        refuses(after, inRows);
        refuses(after, inLog);
        assertThat(after.sealer().open(kept, sealed.get(kept))).isEqualTo(WORDS);
        assertThat(restored.tried())
                .extracting(tried -> tried.dataClass() + " " + tried.outcome())
                .containsExactlyInAnyOrder("RECORDING CLOSED", "TRANSCRIPT CLOSED", "SUBJECT OPENED");
        assertThat(restore(after, file, NONE).recordKeys()).isEqualTo(1); // again, without being told: still gone
        refuses(after, inLog);
    }

    @Test
    void restore_ofAClassKeyDestroyedSince_leavesAllBelowItClosed() throws Exception {
        var gone = seal(tenant, DataClass.RECORDING);
        var kept = seal(tenant, DataClass.TRANSCRIPT);
        byte[] file = backup();
        var classKey = records.latest(KeySlot.dataClass(tenant, DataClass.RECORDING, KeyTier.PRIMARY))
                .orElseThrow();

        var rows = new InMemoryKeyRecords();
        var after = afterwards(rows);
        var restored = restore(after, file, Set.of(classKey.id()));

        assertThat(rows.find(tenant, classKey.id()).orElseThrow().state()).isEqualTo(KeyState.DESTROYED);
        assertThat(restored.erased()).isEqualTo(1);
        refuses(after, gone);
        assertThat(after.sealer().open(kept, sealed.get(kept))).isEqualTo(WORDS);
    }

    private void refuses(KeyService service, SealContext context) {
        assertThatExceptionOfType(SottoException.class)
                .isThrownBy(() -> service.sealer().open(context, sealed.get(context)));
    }

    @Test
    void states_andFloors_comeBackAsTheyWere() throws Exception {
        var revoked = seal(tenant, DataClass.RECORDING);
        var compromised = seal(tenant, DataClass.TRANSCRIPT);
        var revokedKey = key(DataClass.RECORDING);
        keys.lifecycle().revoke(tenant, revokedKey.id(), OPS);
        keys.lifecycle().compromised(tenant, key(DataClass.TRANSCRIPT).id(), OPS);
        records.raiseFloor(KeySlot.dataClass(tenant, DataClass.SUBJECT, KeyTier.PRIMARY), 3);
        seal(tenant, DataClass.SUMMARY);
        records.raiseFloor(key(DataClass.SUMMARY).slot(), 1);

        var rows = new InMemoryKeyRecords();
        var after = afterwards(rows);
        var restored = restore(after, backup(), NONE);

        assertThat(rows.find(tenant, revokedKey.id()).orElseThrow().state()).isEqualTo(KeyState.SUSPENDED);
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> after.sealer().open(revoked, sealed.get(revoked)));
        assertThat(after.sealer().open(compromised, sealed.get(compromised))).isEqualTo(WORDS);
        assertThat(restored.tried())
                .filteredOn(tried -> tried.outcome() == Outcome.CLOSED)
                .singleElement()
                .satisfies(tried -> assertThat(tried.dataClass()).isEqualTo(DataClass.RECORDING));
        after.lifecycle().reinstate(tenant, revokedKey.id(), OPS);
        assertThat(after.sealer().open(revoked, sealed.get(revoked))).isEqualTo(WORDS);
    }

    private KeyRecord key(DataClass dataClass) {
        return records.latest(KeySlot.dataClass(tenant, dataClass, KeyTier.PRIMARY))
                .orElseThrow();
    }

    @Test
    void floor_ofAReplacedVersion_isKept() throws Exception {
        var old = seal(tenant, DataClass.RECORDING);
        keys.lifecycle().rotateClassKey(tenant, DataClass.RECORDING, KeyTier.PRIMARY, OPS);
        records.raiseFloor(key(DataClass.RECORDING).slot(), 2);

        var rows = new InMemoryKeyRecords();
        var after = afterwards(rows);
        var restored = restore(after, backup(), NONE);

        assertThat(rows.floor(key(DataClass.RECORDING).slot())).isEqualTo(new KeyFloor(2, 2));
        refuses(after, old);
        assertThat(restored.tried())
                .singleElement()
                .satisfies(tried -> assertThat(tried.outcome()).isEqualTo(Outcome.CLOSED));
    }

    @Test
    void rowsThatLoseARecordKey_areFoundOut() throws Exception {
        seal(tenant, DataClass.RECORDING);
        var rows = new InMemoryKeyRecords();
        var forgetful = (KeyRecords) Proxy.newProxyInstance(
                KeyRecords.class.getClassLoader(), new Class<?>[] {KeyRecords.class}, (_, method, arguments) -> {
                    if (method.getName().equals("insertAll")) {
                        return 1;
                    }
                    try {
                        return method.invoke(rows, arguments);
                    } catch (InvocationTargetException failed) {
                        throw failed.getCause();
                    }
                });

        assertThat(restore(afterwards(forgetful), backup(), NONE).tried())
                .extracting(KeyBackup.Tried::outcome)
                .containsExactly(Outcome.FAILED);
    }

    @Test
    void restore_twice_isHarmless_andIntoOthersKeysIsRefused() throws Exception {
        seal(tenant, DataClass.RECORDING);
        byte[] file = backup();
        var rows = new InMemoryKeyRecords();
        var after = afterwards(rows);
        restore(after, file, NONE);

        assertThat(restore(after, file, NONE).tried())
                .extracting(KeyBackup.Tried::outcome)
                .containsOnly(Outcome.OPENED);

        var others = new InMemoryKeyRecords();
        var other = afterwards(others);
        other.createTenant(tenant);
        assertThatExceptionOfType(ConflictException.class).isThrownBy(() -> restore(other, file, NONE));
    }

    @Test
    void backup_olderThanItsBound_isRefusedWithoutTouchingARootKey() throws Exception {
        seal(tenant, DataClass.RECORDING);
        byte[] file = backup();
        var service = new OnlyKms(kms, FakeKms.BACKUP, FakeKms.SECOND);
        var rows = new InMemoryKeyRecords();
        clock.advance(Duration.ofDays(30));

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> restore(service(service, FakeKms.SECOND, rows), file, NONE))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(KeysError.BACKUP_EXPIRED));
        assertThat(service.unwrapped()).isEmpty();
        assertThat(rows.tenants()).isEmpty();
    }

    @Test
    void backup_withItsDatesMovedOrAnyOtherByteAltered_isRefusedBeforeAKeyIsStored() throws Exception {
        seal(tenant, DataClass.RECORDING);
        byte[] file = backup();
        for (int at = 0; at < file.length; at += at < 400 ? 1 : 61) {
            byte[] altered = file.clone();
            altered[at] ^= 1;
            refusesWhole(altered);
        }
        int wrapped = 43 + Short.toUnsignedInt(ByteBuffer.wrap(file).getShort(41));
        for (int length :
                List.of(0, 8, 9, 25, 33, 41, 43, wrapped, wrapped + 17, wrapped + 41, wrapped + 73, file.length - 1)) {
            refusesWhole(Arrays.copyOf(file, length));
        }
        refusesWhole(Arrays.copyOf(file, file.length + 1));
    }

    private void refusesWhole(byte[] file) {
        var rows = new InMemoryKeyRecords();
        assertThatExceptionOfType(SottoException.class).isThrownBy(() -> restore(afterwards(rows), file, NONE));
        assertThat(rows.tenants()).isEmpty();
    }

    @Test
    void create_withoutItsAuditEntry_unwrapsNothing() {
        seal(tenant, DataClass.RECORDING);
        int unwraps = before.unwrapped().size();
        audit.goDown();

        assertThatExceptionOfType(UnavailableException.class).isThrownBy(this::backup);

        assertThat(before.unwrapped()).hasSize(unwraps);
    }

    @Test
    void acts_areInTheLog_withCountsAndWithoutOwners() throws Exception {
        var context = seal(tenant, DataClass.RECORDING);
        byte[] file = backup();
        restore(afterwards(new InMemoryKeyRecords()), file, NONE);

        for (var type : List.of("key.backup", "key.backup.written", "key.restore", "key.restored")) {
            assertThat(audit.events(type)).singleElement().satisfies(event -> {
                assertThat(event.actor()).isEqualTo(OPS);
                assertThat(event.toString()).doesNotContain(context.owner().text());
            });
        }
        assertThat(audit.events("key.backup").getFirst().details()).containsKey("expires");
        assertThat(audit.events("key.backup.written").getFirst().details()).containsEntry("record_keys", "1");
    }

    @Test
    void oneTenant_isBackedUpAlone() throws Exception {
        seal(tenant, DataClass.RECORDING);
        var other = tenant();
        var out = new MemoryChannel();

        assertThat(keys.backup().create(Optional.of(other), out, OPS).tenants()).isEqualTo(1);

        var rows = new InMemoryKeyRecords();
        restore(afterwards(rows), out.content(), NONE);
        assertThat(rows.tenants()).containsExactly(other);
    }

    @Test
    void manyRecordKeys_comeInPages() throws Exception {
        for (int i = 0; i < 2100; i++) {
            var call = ids.ids.callId();
            keys.renewRecordKey(tenant, DataClass.RECORDING, new KeyOwner.OfCall(call));
        }
        seal(tenant, DataClass.RECORDING);

        var after = afterwards(new InMemoryKeyRecords());
        assertThat(restore(after, backup(), NONE).recordKeys()).isEqualTo(2101);
        assertOpens(after);
    }
}
