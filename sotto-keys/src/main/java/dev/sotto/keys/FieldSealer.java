package dev.sotto.keys;

import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SealContext;
import dev.sotto.core.Sealer;
import dev.sotto.core.TenantId;
import dev.sotto.keys.SealedDataException.Cause;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Seals and opens values that fit in memory, at most 1 MiB each.
final class FieldSealer implements Sealer {
    static final int MAX_LENGTH = 1 << 20;
    private static final long MAX_SEALED = SealedHeader.LENGTH + Cobblestone.sealedLength(MAX_LENGTH);

    private final RecordKeys keys;
    private final KeyTier tier;
    private final KeyUsage usage;
    private final SecureRandom random;
    private final Meter meter;
    private final Refusals refusals;

    FieldSealer(RecordKeys keys, KeyTier tier, KeyUsage usage, SecureRandom random, Meter meter) {
        this.keys = keys;
        this.tier = tier;
        this.usage = usage;
        this.random = random;
        this.meter = meter;
        this.refusals = new Refusals(meter);
    }

    @Override
    public byte[] seal(SealContext context, byte[] plaintext) {
        requireShort(plaintext);
        try (var held = keys.sealing(slot(context, tier), context.owner())) {
            return seal(context, held, plaintext);
        }
    }

    /// Every field under one key.
    Map<String, byte[]> seal(RecordContext record, Map<String, byte[]> values) {
        values.values().forEach(FieldSealer::requireShort);
        var sealed = new LinkedHashMap<String, byte[]>();
        try (var held = keys.sealing(slot(record), record.owner())) {
            values.forEach((name, value) -> sealed.put(name, seal(record.field(name), held, value)));
        }
        return sealed;
    }

    void prepare(TenantId tenant, KeyOwner owner, Set<DataClass> classes) {
        keys.prepare(tenant, owner, classes, tier);
    }

    private static void requireShort(byte[] plaintext) {
        if (plaintext.length > MAX_LENGTH) {
            throw new RejectedException(
                    KeysError.FIELD_TOO_LARGE, "field (%d bytes) must have at most 1 MiB".formatted(plaintext.length));
        }
    }

    private byte[] seal(SealContext context, HeldKey<ErasableSlot> held, byte[] plaintext) {
        byte[] key = held.key().reveal();
        try {
            byte[] message = Cobblestone.sealMessage(key, random, context.associatedData(), plaintext);
            usage.sealed(context.tenant(), held.above(), plaintext.length);
            meter.count("keys.field.sealed");
            return ByteBuffer.allocate(SealedHeader.LENGTH + message.length)
                    .put(SealedHeader.of(held.id()))
                    .put(message)
                    .array();
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    @Override
    public byte[] open(SealContext context, byte[] sealed) {
        try (var held = keys.opening(slot(context, tier), keyOf(sealed))) {
            return open(context, held, sealed);
        } catch (SealedDataException refused) {
            throw refusals.refuse(refused);
        }
    }

    /// Every field that is named, or none. All are under one key as a rule, which is then asked for once.
    Map<String, byte[]> open(RecordContext record, Collection<String> names, Map<String, byte[]> sealed) {
        var opened = new LinkedHashMap<String, byte[]>();
        Optional<HeldKey<ErasableSlot>> held = Optional.empty();
        try {
            for (var name : names) {
                byte[] value = sealed.get(name);
                if (value == null) {
                    throw new IntegrityException(
                            KeysError.FIELD_MISSING, "field (%s) of a %s is missing".formatted(name, record.type()));
                }
                try {
                    var id = keyOf(value);
                    if (held.filter(key -> key.id().equals(id)).isEmpty()) {
                        held.ifPresent(HeldKey::close);
                        held = Optional.empty();
                        held = Optional.of(keys.opening(slot(record), id));
                    }
                    opened.put(name, open(record.field(name), held.get(), value));
                } catch (SealedDataException refused) {
                    throw refusals.refuse(refused, name, record.type());
                }
            }
            return opened;
        } finally {
            held.ifPresent(HeldKey::close);
            if (opened.size() < names.size()) {
                opened.values().forEach(value -> Arrays.fill(value, (byte) 0));
            }
        }
    }

    private static UUID keyOf(byte[] sealed) throws SealedDataException {
        if (sealed.length > MAX_SEALED) {
            throw new SealedDataException(Cause.LENGTH);
        }
        return SealedHeader.read(ByteBuffer.wrap(sealed));
    }

    private byte[] open(SealContext context, HeldKey<ErasableSlot> held, byte[] sealed) throws SealedDataException {
        byte[] key = held.key().reveal();
        try {
            byte[] message = Arrays.copyOfRange(sealed, SealedHeader.LENGTH, sealed.length);
            byte[] plaintext = Cobblestone.openMessage(key, context.associatedData(), message);
            usage.opened(context.tenant(), held.above());
            meter.count("keys.field.opened");
            return plaintext;
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private ErasableSlot slot(RecordContext record) {
        return ErasableSlot.of(record.tenant(), record.dataClass(), record.owner(), tier);
    }

    static ErasableSlot slot(SealContext context) {
        return slot(context, KeyTier.PRIMARY);
    }

    static ErasableSlot slot(SealContext context, KeyTier tier) {
        return ErasableSlot.of(context.tenant(), context.dataClass(), context.owner(), tier);
    }
}
