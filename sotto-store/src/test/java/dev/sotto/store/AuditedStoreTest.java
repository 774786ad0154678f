package dev.sotto.store;

import static dev.sotto.store.StoreFixture.NOW;
import static dev.sotto.store.StoreFixture.USER;
import static dev.sotto.store.StoreFixture.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.AuditConfig;
import dev.sotto.audit.AuditLog;
import dev.sotto.audit.AuditSchema;
import dev.sotto.audit.AuditSource;
import dev.sotto.audit.AuditVerifier;
import dev.sotto.audit.CheckpointKeys;
import dev.sotto.audit.Verification;
import dev.sotto.core.ActorId;
import dev.sotto.core.IdSource;
import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.keys.FakeKms;
import dev.sotto.keys.KeyService;
import dev.sotto.keys.KeyServiceConfig;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Store, keys and the real audit log on one database, each with its own role.
@Timeout(90)
final class AuditedStoreTest {
    @TempDir
    Path folder;

    @Test
    void call_isInTheRealLogWithTheDigestOfEachWrite_andTheLogVerifies() {
        var clock = Clock.fixed(NOW, ZoneOffset.UTC);
        var random = new SecureRandom();
        var signing = CheckpointKeys.generate("test.example/node");
        try (var postgres = PostgresNode.start(TestPostgres.config(folder))) {
            Store.migrate(postgres.dataSource(Role.OWNER));
            AuditSchema.migrate(postgres.dataSource(Role.OWNER), Role.AUDIT.roleName(), Role.READER.roleName());
            var config = AuditConfig.of("test.example/node", "node-1", folder.resolve("checkpoints"));
            try (var audit = AuditLog.open(
                            config, postgres.dataSource(Role.AUDIT), signing.signer(), clock, random, Meter.none());
                    var keys = new KeyService(
                            new FakeKms(),
                            FakeKms.PRIMARY,
                            new PostgresKeyRecords(postgres.dataSource(Role.KEYS)),
                            audit,
                            clock,
                            random,
                            Meter.none(),
                            KeyServiceConfig.defaults(new ActorId(ActorId.Kind.NODE, "node-1")))) {
                var ids = new IdSource(clock, random);
                var store = Store.open(
                        new StoreConfig(folder.resolve("objects"), "node-1"),
                        postgres.dataSource(Role.APP),
                        keys,
                        audit,
                        clock,
                        ids,
                        Meter.none());
                var tenant = new Tenant(
                        ids.tenantId(),
                        "Clinic",
                        "healthcare",
                        ZoneId.of("UTC"),
                        false,
                        Optional.empty(),
                        "+14155550100");
                store.tenants().create(tenant);
                var call = ids.callId();
                store.calls()
                        .offer(NewCall.receptionist(
                                tenant.id(), call, "CA1", SensitiveText.of(""), token(1), NOW.plusSeconds(60)));
                var turn = new NewTurn(
                        ids.turnId(),
                        Speaker.AGENT,
                        TurnKind.PROMPT,
                        Duration.ZERO,
                        Duration.ZERO,
                        TurnText.clear("hello"));
                store.turns().append(tenant.id(), call, turn);
                assertThat(store.turns().list(tenant.id(), call, USER)).hasSize(1);
                audit.checkpointNow();
            }
            var verification = new AuditVerifier()
                    .verify(
                            AuditSource.fromDatabase(postgres.dataSource(Role.READER)),
                            signing.publicKeys(),
                            Optional.empty());
            assertThat(verification).isInstanceOf(Verification.Intact.class);
        }
    }
}
