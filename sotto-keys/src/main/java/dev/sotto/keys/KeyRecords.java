package dev.sotto.keys;

import dev.sotto.core.TenantId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Where wrapped keys are kept. Thread-safe; several nodes may share one, and every method is atomic between them.
/// Every method may block and throws [UnavailableException] if there is no answer in time; a retry is safe.
///
/// Record keys lie in a table of their own. Destroying one deletes its row and leaves a mark without key material, so
/// that no first key is made for that slot again by mistake.
public interface KeyRecords {
    /// Every tenant that has a key.
    List<TenantId> tenants();

    /// Stores `candidate` unless its slot and version is taken. Returns the row that stands: the caller lost a race
    /// if its id differs from `candidate`'s.
    KeyRecord insert(KeyRecord candidate);

    /// The row with the highest version of the slot, whatever its state.
    Optional<KeyRecord> latest(KeySlot slot);

    Optional<KeyRecord> find(TenantId tenant, UUID id);

    /// Every tenant, class and purpose key of `tenant`, in any order.
    List<KeyRecord> list(TenantId tenant);

    /// Stores `candidate` unless its slot and version is taken or destroyed.
    Insertion insert(ErasableKey candidate);

    /// The live row with the highest version of the slot.
    Optional<ErasableKey> latest(ErasableSlot slot);

    Optional<ErasableKey> findErasable(TenantId tenant, UUID id);

    /// Deletes every row of the slot with a version up to and including `throughVersion` and marks those versions as
    /// destroyed, in one transaction. Returns the ids of the deleted rows; empty if there were none. The mark never
    /// moves back, and stands even if no row did.
    List<UUID> destroy(ErasableSlot slot, int throughVersion, Instant at);

    /// The highest destroyed version of the slot; 0 if none ever was.
    int destroyedThrough(ErasableSlot slot);

    /// How many live record keys each class key wraps, by the address of the class key. Only those of `tenant`.
    Map<KeyUri, Long> countErasable(TenantId tenant);

    /// What became of a record key that was to be stored.
    sealed interface Insertion {
        /// `key` stands: the candidate, or the one that was there first.
        record Stands(ErasableKey key) implements Insertion {}

        /// The version was destroyed before; nothing was stored.
        record Destroyed() implements Insertion {}
    }
}
