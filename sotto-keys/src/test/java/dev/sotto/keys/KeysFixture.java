package dev.sotto.keys;

import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.IdSource;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SealContext;
import dev.sotto.core.TenantId;
import dev.sotto.testkit.FakeAuditSink;
import dev.sotto.testkit.FakeMeter;
import dev.sotto.testkit.ManualClock;
import java.security.SecureRandom;
import java.time.Instant;

/// A whole key service in memory, with its parts at hand.
public final class KeysFixture implements AutoCloseable {
    public static final ActorId NODE = new ActorId(ActorId.Kind.NODE, "test-node");

    public final FakeKms kms;
    public final KeyRecords records;
    public final FakeAuditSink audit = new FakeAuditSink();
    public final ManualClock clock = new ManualClock(Instant.parse("2026-03-01T09:30:00Z"));
    public final FakeMeter meter = new FakeMeter();
    public final IdSource ids = new IdSource(clock, new SecureRandom());
    public final KeyService service;

    public KeysFixture() {
        this(new FakeKms(), new InMemoryKeyRecords());
    }

    /// A node on `records` that others share.
    public KeysFixture(FakeKms kms, KeyRecords records) {
        this(kms, records, KeyServiceConfig.defaults(NODE));
    }

    public KeysFixture(FakeKms kms, KeyRecords records, KeyServiceConfig config) {
        this.kms = kms;
        this.records = records;
        this.service = new KeyService(kms, FakeKms.PRIMARY, records, audit, clock, new SecureRandom(), meter, config);
    }

    /// A fresh tenant with a key.
    public TenantId tenant() {
        var tenant = ids.tenantId();
        service.createTenant(tenant);
        return tenant;
    }

    public static SealContext recording(TenantId tenant, CallId call) {
        return new SealContext(
                tenant, DataClass.RECORDING, new KeyOwner.OfCall(call), "recording", call.toString(), "audio", 0);
    }

    @Override
    public void close() {
        service.close();
    }
}
