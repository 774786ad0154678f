package dev.sotto.keys;

import dev.sotto.core.AuditSink;
import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.Meter;
import dev.sotto.core.Sealer;
import dev.sotto.core.SubjectHasher;
import dev.sotto.core.TenantId;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/// Makes, keeps and destroys the keys of all tenants and hands out what seals with them. Thread-safe; may block.
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class KeyService implements AutoCloseable {
    public KeyService(
            Kms kms,
            KeyUri root,
            KeyRecords records,
            AuditSink audit,
            Clock clock,
            SecureRandom random,
            Meter meter,
            KeyServiceConfig config) {}

    public void createTenant(TenantId tenant) {
        throw new UnsupportedOperationException();
    }

    public Sealer sealer() {
        throw new UnsupportedOperationException();
    }

    public SealedStreams streams() {
        throw new UnsupportedOperationException();
    }

    public BlindIndex blindIndex() {
        throw new UnsupportedOperationException();
    }

    public SubjectHasher subjectHasher() {
        throw new UnsupportedOperationException();
    }

    /// Destroys every record key of the owner and data class.
    public void destroyRecordKey(TenantId tenant, DataClass dataClass, KeyOwner owner) {
        throw new UnsupportedOperationException();
    }

    /// Makes a fresh record key that seals from now on. Older live ones still open until they are destroyed.
    public void renewRecordKey(TenantId tenant, DataClass dataClass, KeyOwner owner) {
        throw new UnsupportedOperationException();
    }

    /// Destroys the record keys of the owner and data class that were renewed, all but the newest.
    public void destroyRenewedRecordKeys(TenantId tenant, DataClass dataClass, KeyOwner owner) {
        throw new UnsupportedOperationException();
    }

    public List<KeyStatus> list(Optional<TenantId> tenant) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
