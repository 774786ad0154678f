package dev.sotto.store;

import static dev.sotto.store.StoreFixture.USER;
import static dev.sotto.store.StoreFixture.audio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.DestructionApproval;
import dev.sotto.keys.DestructionRequest.Target;
import dev.sotto.keys.KeyLevel;
import dev.sotto.keys.KeyState;
import dev.sotto.keys.KeyTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A copy of the data that nobody can take back, as a backup without the key tables or an object that may not be
/// deleted: once the keys are gone, it must open nowhere, put back or not.
final class ShreddingTest {
    private static final ActorId ANN = new ActorId(ActorId.Kind.USER, "ann");
    private static final ActorId BEN = new ActorId(ActorId.Kind.USER, "ben");

    @TempDir
    Path objects;

    private StoreFixture fixture;
    private final KeyPair ann = keyPair();
    private final KeyPair ben = keyPair();

    @BeforeEach
    void open() {
        fixture = new StoreFixture(TestPostgres.shared(), objects);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private static KeyPair keyPair() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException missing) {
            throw new AssertionError(missing);
        }
    }

    private void destroy(TenantId tenant, Target target) {
        var destruction = fixture.keys.destruction();
        var request = destruction.request(tenant, target, "erasure", ANN);
        fixture.clock.advance(Duration.ofDays(7));
        var certificate = destruction.destroy(
                tenant,
                request.id(),
                List.of(
                        DestructionApproval.sign(request, ANN, ann.getPrivate()),
                        DestructionApproval.sign(request, BEN, ben.getPrivate())),
                who -> Optional.ofNullable(Map.of(ANN, ann, BEN, ben).get(who)).map(KeyPair::getPublic),
                ANN);
        assertThat(certificate.refused()).isTrue();
        assertThat(certificate.covered()).isNotEmpty();
        fixture.keys.forgetUnwrapped();
    }

    private CallId recorded(TenantId tenant) {
        var call = fixture.connected(tenant);
        try (var writer = fixture.store.recordings().start(tenant, call)) {
            writer.write(audio(0, 40_000));
            writer.finish();
        }
        return call;
    }

    private Path object(TenantId tenant) throws IOException {
        try (var files = Files.walk(objects.resolve(tenant.toString()))) {
            return files.filter(Files::isRegularFile).findFirst().orElseThrow();
        }
    }

    /// Rows of the tenant as a dump would have them.
    private List<byte[]> dump(TenantId tenant, String table, String column) throws SQLException {
        try (var connection = fixture.postgres.dataSource(Role.OWNER).getConnection()) {
            connection.setAutoCommit(false);
            var sql = new Sql(connection);
            sql.run("SELECT set_config('app.tenant', ?, true)", tenant.value().toString());
            return sql.list(row -> row.bytes(column), "SELECT " + column + " FROM sotto." + table);
        }
    }

    @Test
    void destroyedCall_opensNowhere_fromAnUndeletableObjectEither() throws IOException {
        var tenant = fixture.tenant().id();
        var call = recorded(tenant);
        Path object = object(tenant);
        Path worm = objects.resolve("worm-copy");
        Files.copy(object, worm);
        fixture.store.recordings().open(tenant, call, USER).close();

        destroy(tenant, new Target.OfOwner(new KeyOwner.OfCall(call)));

        Files.delete(object);
        Files.copy(worm, object);
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> fixture.store.recordings().open(tenant, call, USER));
        try (var otherNode = new StoreFixture(fixture.postgres, objects)) {
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> otherNode.store.recordings().open(tenant, call, USER));
        }
    }

    @Test
    void destroyedSubject_opensNowhere_putBackFromABackupEither() throws SQLException {
        var tenant = fixture.tenant().id();
        var subject = fixture.subject(tenant);
        var owner = new KeyOwner.OfSubject(subject);
        var names = dump(tenant, "subject", "name_sealed");
        assertThat(fixture.store.subjects().find(tenant, subject, Acting.as(USER)))
                .isPresent();

        destroy(tenant, new Target.OfOwner(owner));

        for (byte[] name : names) { // a dump without the key tables is restored
            fixture.tamper(tenant, "UPDATE sotto.subject SET name_sealed = ?", (Object) name);
        }
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> fixture.store.subjects().find(tenant, subject, Acting.as(USER)));
    }

    @Test
    void destroyedTenant_opensNothing_withTheRecordKeysOfABackupEither() throws SQLException {
        var tenant = fixture.tenant().id();
        var subject = fixture.subject(tenant);
        var call = recorded(tenant);
        var wrapped = dump(tenant, "erasable_key", "wrapped");

        destroy(tenant, new Target.OfTenant());

        assertThat(dump(tenant, "key_record", "wrapped")).allMatch(bytes -> bytes.length == 1);
        assertThat(dump(tenant, "erasable_key", "wrapped")).hasSameSizeAs(wrapped); // they are worth nothing
        assertThatExceptionOfType(SottoException.class) // not even the entry about it can be written
                .isThrownBy(() -> fixture.store.subjects().find(tenant, subject, Acting.as(USER)));
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> fixture.store.recordings().open(tenant, call, USER));
        var other = fixture.tenant().id();
        assertThat(fixture.store.subjects().find(other, fixture.subject(other), Acting.as(USER)))
                .isPresent();
    }

    @Test
    void reseal_afterACompromise_leavesNothingUnderTheOldKey() {
        var tenant = fixture.tenant().id();
        var call = recorded(tenant);
        var old = fixture.keys.list(Optional.of(tenant)).stream()
                .filter(key -> key.level() == KeyLevel.CLASS && key.name().equals(DataClass.RECORDING.code()))
                .findFirst()
                .orElseThrow();
        fixture.keys.lifecycle().compromised(tenant, old.id(), USER);
        var exposed = fixture.keys.lifecycle().exposed(tenant, old.id(), Optional.empty(), 10);
        assertThat(exposed)
                .singleElement()
                .satisfies(each -> assertThat(each.owner()).isEqualTo(new KeyOwner.OfCall(call)));

        var resealed = fixture.store.recordings().reseal(tenant, call);

        assertThat(resealed).extracting(Recovered::state).containsExactly(ArtifactState.SEALED);
        assertThat(fixture.keys.lifecycle().exposed(tenant, old.id(), Optional.empty(), 10))
                .isEmpty();
        fixture.keys.forgetUnwrapped();
        try (var reader = fixture.store.recordings().open(tenant, call, USER)) {
            assertThat(reader.info().audioBytes()).isEqualTo(40_000);
        }
        assertThat(fixture.audit.events("recording.resealed")).hasSize(1);
    }

    /// What a dead node left under a revoked key stays torn; it is neither lost nor called tampered with.
    @Test
    void recovery_underARevokedKey_waitsUntilItIsBack() {
        var tenant = fixture.tenant().id();
        var call = fixture.connected(tenant);
        var writer = fixture.store.recordings().start(tenant, call);
        writer.write(audio(0, 40_000));
        var key = classKey(tenant);
        fixture.keys.lifecycle().revoke(tenant, key, USER);
        assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> writer.write(audio(40_000, 40_000)));
        writer.close();
        try (var next = new StoreFixture(fixture.postgres, objects, fixture.nodeId, fixture.kms)) {
            assertThat(next.store.recordings().recoverAll(fixture.nodeId)).isEmpty();
            assertThat(next.store.recordings().find(tenant, call).orElseThrow().state())
                    .isEqualTo(ArtifactState.WRITING);
            next.keys.lifecycle().reinstate(tenant, key, USER);

            assertThat(next.store.recordings().recoverAll(fixture.nodeId))
                    .singleElement()
                    .satisfies(recovered -> {
                        assertThat(recovered.state()).isEqualTo(ArtifactState.RECOVERED);
                        assertThat(recovered.wholeChunks()).isEqualTo(2);
                    });
        }
    }

    private UUID classKey(TenantId tenant) {
        return fixture.keys.list(Optional.of(tenant)).stream()
                .filter(key -> key.level() == KeyLevel.CLASS && key.name().equals(DataClass.RECORDING.code()))
                .filter(key -> key.state() == KeyState.ACTIVE)
                .findFirst()
                .orElseThrow()
                .id();
    }

    @Test
    void rewrap_ofManyRecordKeys_movesThemInBoundedSteps() {
        var tenant = fixture.tenant().id();
        var calls = new ArrayList<CallId>();
        for (int i = 0; i < 12; i++) {
            calls.add(recorded(tenant));
        }
        var old = classKey(tenant);
        var life = fixture.keys.lifecycle();
        life.rotateClassKey(tenant, DataClass.RECORDING, KeyTier.PRIMARY, USER);

        var first = life.rewrapRecordKeys(tenant, DataClass.RECORDING, KeyTier.PRIMARY, 5, USER);
        var second = life.rewrapRecordKeys(tenant, DataClass.RECORDING, KeyTier.PRIMARY, 1_000, USER);

        assertThat(first.done()).isEqualTo(5);
        assertThat(first.left()).isEqualTo(7);
        assertThat(second.left()).isZero();
        assertThat(life.exposed(tenant, old, Optional.empty(), 10)).isEmpty();
        fixture.keys.forgetUnwrapped();
        calls.forEach(
                call -> fixture.store.recordings().open(tenant, call, USER).close());
    }
}
