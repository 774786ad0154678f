package dev.sotto.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SealContext;
import dev.sotto.core.Sealer;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// Seals and opens the fields of rows. A field opens only in the row, tenant, column and version it was sealed for.
/// Thread-safe; may block on the key service, so it is used outside transactions.
final class Seals {
    private final Sealer sealer;

    Seals(Sealer sealer) {
        this.sealer = sealer;
    }

    /// A row that holds sealed fields.
    ///
    /// @param type what kind of record, such as `turn`
    /// @param version the version of the row, from 1
    record Place(TenantId tenant, DataClass dataClass, KeyOwner owner, String type, String id, long version) {
        private SealContext field(String name) {
            return new SealContext(tenant, dataClass, owner, type, id, name, version);
        }
    }

    Sealed seal(Place place, String field, SensitiveText value) {
        return seal(place, field, value.reveal().getBytes(UTF_8));
    }

    Sealed seal(Place place, String field, byte[] value) {
        return Sealed.of(sealer.seal(place.field(field), value));
    }

    SensitiveText openText(Place place, String field, Sealed sealed) {
        byte[] opened = open(place, field, sealed);
        try {
            return SensitiveText.of(
                    UTF_8.newDecoder().decode(ByteBuffer.wrap(opened)).toString());
        } catch (CharacterCodingException e) {
            throw new IntegrityException(
                    StoreError.ROW_MISMATCH, "field (%s) of a %s is not text".formatted(field, place.type()), e);
        }
    }

    byte[] open(Place place, String field, Sealed sealed) {
        return sealer.open(place.field(field), sealed.bytes());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
