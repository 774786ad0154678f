package dev.sotto.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.keys.RecordContext;
import dev.sotto.keys.RecordSealer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// Seals and opens the fields of rows. A field opens only in the row, tenant, column and version it was sealed for.
/// Thread-safe; may block on the key service, so it is used outside transactions.
class Seals {
    private final RecordSealer sealer;
    private final Runnable forget;

    /// @param forget makes the next seal ask anew which keys are in use
    Seals(RecordSealer sealer, Runnable forget) {
        this.sealer = sealer;
        this.forget = forget;
    }

    /// Makes the next seal ask anew which keys are in use.
    void forget() {
        forget.run();
    }

    /// Makes record keys of an owner ahead, all at once. If that fails, the first seal makes its own or says why not.
    void prepare(TenantId tenant, KeyOwner owner, Set<DataClass> classes) {
        try {
            sealer.prepare(tenant, owner, classes);
        } catch (SottoException later) {
            // nothing is sealed yet
        }
    }

    /// Seals the fields of a row by name.
    Map<String, Sealed> seal(RecordContext row, Map<String, SensitiveText> values) {
        var plain = new LinkedHashMap<String, byte[]>();
        values.forEach((name, value) -> plain.put(name, value.reveal().getBytes(UTF_8)));
        return sealBytes(row, plain);
    }

    Map<String, Sealed> sealBytes(RecordContext row, Map<String, byte[]> values) {
        var sealed = new LinkedHashMap<String, Sealed>();
        sealer.seal(row, values).forEach((name, value) -> sealed.put(name, Sealed.of(value)));
        return sealed;
    }

    Sealed seal(RecordContext row, String field, SensitiveText value) {
        return seal(row, field, value.reveal().getBytes(UTF_8));
    }

    Sealed seal(RecordContext row, String field, byte[] value) {
        return sealBytes(row, Map.of(field, value)).values().iterator().next();
    }

    /// Opens the fields of a row by name, all or none.
    Map<String, SensitiveText> open(RecordContext row, Map<String, Sealed> fields) {
        var opened = new LinkedHashMap<String, SensitiveText>();
        openBytes(row, fields).forEach((name, value) -> opened.put(name, text(row, name, value)));
        return opened;
    }

    Map<String, byte[]> openBytes(RecordContext row, Map<String, Sealed> fields) {
        var sealed = new LinkedHashMap<String, byte[]>();
        fields.forEach((name, value) -> sealed.put(name, value.bytes()));
        return sealer.open(row, sealed.keySet(), sealed);
    }

    SensitiveText openText(RecordContext row, String field, Sealed sealed) {
        return text(row, field, open(row, field, sealed));
    }

    byte[] open(RecordContext row, String field, Sealed sealed) {
        return openBytes(row, Map.of(field, sealed)).values().iterator().next();
    }

    private static SensitiveText text(RecordContext row, String field, byte[] opened) {
        try {
            return SensitiveText.of(
                    UTF_8.newDecoder().decode(ByteBuffer.wrap(opened)).toString());
        } catch (CharacterCodingException e) {
            throw new IntegrityException(
                    StoreError.ROW_MISMATCH, "field (%s) of a %s is not text".formatted(field, row.type()), e);
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
