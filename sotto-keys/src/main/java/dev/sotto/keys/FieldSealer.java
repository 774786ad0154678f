package dev.sotto.keys;

import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SealContext;
import dev.sotto.core.Sealer;
import dev.sotto.keys.SealedDataException.Cause;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;

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
        if (plaintext.length > MAX_LENGTH) {
            throw new RejectedException(
                    KeysError.FIELD_TOO_LARGE, "field (%d bytes) must have at most 1 MiB".formatted(plaintext.length));
        }
        try (var held = keys.sealing(slot(context, tier), context.owner())) {
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
    }

    @Override
    public byte[] open(SealContext context, byte[] sealed) {
        try {
            byte[] plaintext = checked(context, sealed);
            meter.count("keys.field.opened");
            return plaintext;
        } catch (SealedDataException refused) {
            throw refusals.refuse(refused);
        }
    }

    private byte[] checked(SealContext context, byte[] sealed) throws SealedDataException {
        if (sealed.length > MAX_SEALED) {
            throw new SealedDataException(Cause.LENGTH);
        }
        var id = SealedHeader.read(ByteBuffer.wrap(sealed));
        try (var held = keys.opening(slot(context, tier), id)) {
            byte[] key = held.key().reveal();
            try {
                byte[] message = Arrays.copyOfRange(sealed, SealedHeader.LENGTH, sealed.length);
                byte[] plaintext = Cobblestone.openMessage(key, context.associatedData(), message);
                usage.opened(context.tenant(), held.above());
                return plaintext;
            } finally {
                Arrays.fill(key, (byte) 0);
            }
        }
    }

    static ErasableSlot slot(SealContext context) {
        return slot(context, KeyTier.PRIMARY);
    }

    static ErasableSlot slot(SealContext context, KeyTier tier) {
        return ErasableSlot.of(context.tenant(), context.dataClass(), context.owner(), tier);
    }
}
