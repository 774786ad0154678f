package dev.sotto.keys;

import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/// Where wrapped keys are kept. Thread-safe; several nodes may share one, and every method is atomic between them.
/// Every method may block and throws [UnavailableException] if there is no answer in time; a retry is safe.
///
/// Record keys lie in a table of their own. Destroying one deletes its row and leaves a mark without key material, so
/// that no first key is made for that slot again by mistake.
///
/// One row, the key state, counts every change of a key's state, every succession and every destruction. A reader
/// that sees its number n sees all changes up to n.
public interface KeyRecords {
    /// Every tenant that has a key.
    List<TenantId> tenants();

    /// Stores `candidate` unless its slot and version is taken. Returns the row that stands: the caller lost a race
    /// if its id differs from `candidate`'s. The slot's floor for sealing rises to the version.
    KeyRecord insert(KeyRecord candidate);

    /// As [#insert(KeyRecord)]; where the candidate stands, every older active version of the slot is deactivated at
    /// once. Counted in the key state.
    KeyRecord succeed(KeyRecord candidate);

    /// The row with the highest version of the slot, whatever its state.
    Optional<KeyRecord> latest(KeySlot slot);

    Optional<KeyRecord> find(TenantId tenant, UUID id);

    /// Every tenant, class and purpose key of `tenant`, in any order.
    List<KeyRecord> list(TenantId tenant);

    /// The oldest versions of the slot that may be used; 0 and 1 if it never had a key.
    KeyFloor floor(KeySlot slot);

    /// Nothing older than `opensFrom` opens any more. Never moves back. Counted in the key state.
    void raiseFloor(KeySlot slot, int opensFrom);

    /// Puts the key of that row into state `to` if it still is in `row`'s. Counted in the key state. False if it was
    /// not; then nothing changed.
    boolean changeState(KeyRecord row, KeyState to);

    /// Overwrites the wrapped key with one zero byte and puts the row into [KeyState#DESTROYED], whatever it is in.
    /// Counted in the key state. False if there is no such row.
    boolean destroy(KeyRecord row);

    /// Puts the same key, wrapped anew, in the place of `row`'s wrapped key, unless that changed meanwhile; false
    /// then.
    boolean rewrap(KeyRecord row, WrappedKey to);

    /// Stores `candidate` unless its slot and version is taken or destroyed.
    Insertion insert(ErasableKey candidate);

    /// The live row with the highest version of the slot.
    Optional<ErasableKey> latest(ErasableSlot slot);

    /// [#latest(ErasableSlot)] and, where that is empty, [#destroyedThrough], with one look at the records.
    default Standing standing(ErasableSlot slot) {
        var latest = latest(slot);
        return new Standing(latest, latest.isPresent() ? 0 : destroyedThrough(slot));
    }

    /// How it stands with each of `slots`, all of `tenant`. Where there is no key and none was destroyed, the key of
    /// `first` is stored and stands. One transaction where that can be.
    ///
    /// @param first makes the first key of a slot; called at most once for each, and only for one that had
    ///     none when it was looked at. It must not ask the records.
    /// @return by slot: the newest key, not that of `first` if another was faster, or that there may
    ///     be none
    default Map<ErasableSlot, Insertion> obtain(
            TenantId tenant, List<ErasableSlot> slots, Function<ErasableSlot, ErasableKey> first) {
        var stand = new HashMap<ErasableSlot, Insertion>();
        for (var slot : slots) {
            var standing = standing(slot);
            stand.put(
                    slot,
                    standing.latest()
                            .<Insertion>map(Insertion.Stands::new)
                            .orElseGet(() -> standing.destroyedThrough() > 0
                                    ? new Insertion.Destroyed()
                                    : insert(first.apply(slot))));
        }
        return stand;
    }

    Optional<ErasableKey> findErasable(TenantId tenant, UUID id);

    /// Live record keys that `kek` wraps, in the order of their ids.
    ///
    /// @param after only those behind this id, if given
    /// @param limit at most so many
    List<ErasableKey> erasableUnder(TenantId tenant, KeyUri kek, Optional<UUID> after, int limit);

    /// Puts the same record keys, wrapped anew, in the place of their wrapped keys, all in one transaction. One that
    /// was destroyed or changed meanwhile is left. Returns how many were replaced.
    int rewrap(TenantId tenant, List<Rewrap> keys);

    /// Deletes every row of the slot with a version up to and including `throughVersion` and marks those versions as
    /// destroyed, in one transaction. Returns the ids of the deleted rows; empty if there were none. The mark never
    /// moves back, and stands even if no row did. Counted in the key state.
    List<UUID> destroy(ErasableSlot slot, int throughVersion, Instant at);

    /// The highest destroyed version of the slot; 0 if none ever was.
    int destroyedThrough(ErasableSlot slot);

    /// Stores each of `keys` as [#insert(ErasableKey)] does, all in one transaction where that can be. Returns how many
    /// stand with their own id, those included that stood before.
    default int insertAll(TenantId tenant, List<ErasableKey> keys) {
        int stand = 0;
        for (var key : keys) {
            if (insert(key) instanceof Insertion.Stands(var row) && row.id().equals(key.id())) {
                stand++;
            }
        }
        return stand;
    }

    /// Which versions were destroyed of the tenant's record keys, in the order of data class, owner and tier, as codes.
    ///
    /// @param after only those behind this slot, if given
    /// @param limit at most so many
    List<DestroyedMark> destroyedMarks(TenantId tenant, Optional<ErasableSlot> after, int limit);

    /// How many live record keys each class key wraps, by the address of the class key. Only those of `tenant`.
    Map<KeyUri, Long> countErasable(TenantId tenant);

    /// The number in the key state. It never falls.
    ///
    /// @throws UnavailableException also if the row is not there
    long stateEpoch();

    /// Whose keys changed after the key state had the number `epoch`.
    List<TenantId> changedSince(long epoch);

    /// Adds to the counts of use of keys of `tenant`, by key id.
    void addUse(TenantId tenant, Map<UUID, KeyUse> uses, Instant at);

    /// The counts of use of keys of `tenant`, by key id.
    Map<UUID, KeyUse> uses(TenantId tenant);

    /// Keeps a request to destroy, unless there is one of that id.
    void request(DestructionRequest request);

    Optional<Destruction> destruction(TenantId tenant, UUID id);

    /// Requests of a tenant with what became of them, oldest first; at most 1000, the newest.
    List<Destruction> destructions(TenantId tenant);

    /// Notes what was destroyed on a request. False if that was noted before, or there is no such request.
    boolean certify(TenantId tenant, UUID id, String certificate);

    /// How it stands with a slot.
    ///
    /// @param latest the live row with the highest version
    /// @param destroyedThrough the highest destroyed version if there is no live row, else 0
    record Standing(Optional<ErasableKey> latest, int destroyedThrough) {}

    /// Every version of a record key up to and including `throughVersion` was destroyed, the last of them at `at`.
    record DestroyedMark(ErasableSlot slot, int throughVersion, Instant at) {}

    /// A record key that is to be wrapped anew.
    ///
    /// @param from the wrapped key that is replaced
    /// @param to the same key under another class key
    record Rewrap(UUID id, WrappedKey from, WrappedKey to) {}

    /// A request to destroy, and the certificate if it was done.
    record Destruction(DestructionRequest request, Optional<String> certificate) {}

    /// What became of a record key that was to be stored.
    sealed interface Insertion {
        /// `key` stands: the candidate, or the one that was there first.
        record Stands(ErasableKey key) implements Insertion {}

        /// The version was destroyed before; nothing was stored.
        record Destroyed() implements Insertion {}
    }
}
