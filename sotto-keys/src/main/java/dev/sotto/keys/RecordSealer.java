package dev.sotto.keys;

import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.RejectedException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/// Seals and opens the fields of a record in one call, all under one record key. A field opens only in the
/// record, version and place it was sealed for. Thread-safe; may block on the key service.
///
/// The bytes of each field are those that [KeyService#sealer()] makes.
public final class RecordSealer {
    private final FieldSealer fields;

    RecordSealer(FieldSealer fields) {
        this.fields = fields;
    }

    /// Seals every field.
    ///
    /// @param values plaintexts by the names of the fields, each at most 1 MiB
    /// @return sealed bytes by the same names, in the same order
    /// @throws RejectedException if a value is too long; nothing is sealed then
    /// @throws UnavailableException if the key cannot be had now
    public Map<String, byte[]> seal(RecordContext record, Map<String, byte[]> values) {
        return fields.seal(record, values);
    }

    /// Makes the record keys of an owner ahead, those that are not there yet, all in one transaction: what is sealed
    /// for it soon after waits for no key. What was destroyed stays so. Nobody has to call this.
    ///
    /// @throws UnavailableException if the keys cannot be had now; sealing may still make them later
    public void prepare(TenantId tenant, KeyOwner owner, Set<DataClass> classes) {
        fields.prepare(tenant, owner, classes);
    }

    /// Opens every field, or none.
    ///
    /// @param names the fields the record must have
    /// @param sealed bytes by the names of the fields; what is not in `names` is not looked at
    /// @return plaintexts by name, in the order of `names`
    /// @throws IntegrityException if a field is missing, was altered or moved, or its key was destroyed;
    ///     names the field, and gives one failure for every cause but the first
    /// @throws UnavailableException if the key cannot be had now
    public Map<String, byte[]> open(RecordContext record, Collection<String> names, Map<String, byte[]> sealed) {
        return fields.open(record, names, sealed);
    }
}
