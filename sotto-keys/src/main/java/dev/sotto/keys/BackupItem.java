package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.DataClass;
import dev.sotto.core.TenantId;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;

/// One thing in a backup of keys, and how it is written (`docs/spec/sealing.md`, section 8).
sealed interface BackupItem {
    /// The key of the backup tier under which this backup keeps the keys of a tenant.
    record TenantKey(TenantId tenant, UUID id, WrappedKey wrapped) implements BackupItem {}

    /// A tenant, class or purpose key.
    ///
    /// @param parent where it is wrapped in the database; in `row` it is wrapped under the tenant's [TenantKey]
    record Row(KeyRecord row, KeyUri parent) implements BackupItem {}

    /// Below which versions of a slot open no more.
    ///
    /// @param opensFrom the oldest version that still opens
    record Floor(KeySlot slot, int opensFrom) implements BackupItem {}

    /// A record key.
    ///
    /// @param parent the address of its class key; in `key` it is wrapped under the tenant's [TenantKey]
    record RecordKey(ErasableKey key, KeyUri parent) implements BackupItem {}

    /// Versions of a record key that were destroyed.
    record Mark(KeyRecords.DestroyedMark mark) implements BackupItem {}

    /// A value sealed under one of the record keys, to prove that what comes back opens.
    ///
    /// @param key the id of that record key
    /// @param sealed as a field, with the context of [KeyRestore#probeContext]
    /// @param digest SHA-256 of its plaintext
    record Probe(ErasableSlot slot, UUID key, Bytes sealed, Bytes digest) implements BackupItem {}

    /// All of a tenant was written.
    record TenantEnd(TenantId tenant, long keys, long recordKeys, long marks) implements BackupItem {}

    /// All was written.
    record End(long tenants) implements BackupItem {}

    /// Bytes of a record, compared by content. They are not secret.
    record Bytes(String hex) {
        static Bytes of(byte[] bytes) {
            return new Bytes(HexFormat.of().formatHex(bytes));
        }

        byte[] array() {
            return HexFormat.of().parseHex(hex);
        }
    }

    default void write(DataOutputStream out) throws IOException {
        switch (this) {
            case TenantKey(var tenant, var id, var wrapped) -> {
                out.writeByte('T');
                put(out, tenant.value());
                put(out, id);
                put(out, wrapped.encode());
            }
            case Row(var row, var parent) -> {
                out.writeByte('K');
                put(out, row.slot());
                put(out, row.id());
                out.writeInt(row.version());
                put(out, row.state().name());
                put(out, row.algorithm());
                put(out, row.wrapped().encode());
                put(out, row.createdAt());
                put(out, parent.text());
            }
            case Floor(var slot, var opensFrom) -> {
                out.writeByte('F');
                put(out, slot);
                out.writeInt(opensFrom);
            }
            case RecordKey(var key, var parent) -> {
                out.writeByte('R');
                put(out, key.slot());
                put(out, key.id());
                out.writeInt(key.version());
                put(out, key.algorithm());
                put(out, key.wrapped().encode());
                put(out, key.createdAt());
                put(out, parent.text());
            }
            case Mark(var mark) -> {
                out.writeByte('D');
                put(out, mark.slot());
                out.writeInt(mark.throughVersion());
                put(out, mark.at());
            }
            case Probe(var slot, var key, var sealed, var digest) -> {
                out.writeByte('P');
                put(out, slot);
                put(out, key);
                put(out, sealed.array());
                put(out, digest.array());
            }
            case TenantEnd(var tenant, var keys, var recordKeys, var marks) -> {
                out.writeByte('E');
                put(out, tenant.value());
                out.writeLong(keys);
                out.writeLong(recordKeys);
                out.writeLong(marks);
            }
            case End(var tenants) -> {
                out.writeByte('Z');
                out.writeLong(tenants);
            }
        }
    }

    /// Reads the next one.
    ///
    /// @throws IOException if it is none; what is read was authentic, so that this is a fault or a newer version
    static BackupItem read(DataInputStream in) throws IOException {
        int type = in.readUnsignedByte();
        return switch (type) {
            case 'T' -> new TenantKey(new TenantId(id(in)), id(in), WrappedKey.decode(bytes(in)));
            case 'K' -> row(in);
            case 'F' -> new Floor(slot(in), in.readInt());
            case 'R' -> recordKey(in);
            case 'D' -> new Mark(new KeyRecords.DestroyedMark(erasableSlot(in), in.readInt(), instant(in)));
            case 'P' -> new Probe(erasableSlot(in), id(in), Bytes.of(bytes(in)), Bytes.of(bytes(in)));
            case 'E' -> new TenantEnd(new TenantId(id(in)), in.readLong(), in.readLong(), in.readLong());
            case 'Z' -> new End(in.readLong());
            default -> throw new IOException("item (%d) of a backup is of no known type".formatted(type));
        };
    }

    private static Row row(DataInputStream in) throws IOException {
        var slot = slot(in);
        var id = id(in);
        int version = in.readInt();
        var state = KeyState.valueOf(text(in));
        var algorithm = text(in);
        var wrapped = WrappedKey.decode(bytes(in));
        return new Row(new KeyRecord(id, slot, version, state, algorithm, wrapped, instant(in)), new KeyUri(text(in)));
    }

    private static RecordKey recordKey(DataInputStream in) throws IOException {
        var slot = erasableSlot(in);
        var id = id(in);
        int version = in.readInt();
        var algorithm = text(in);
        var wrapped = WrappedKey.decode(bytes(in));
        return new RecordKey(new ErasableKey(id, slot, version, algorithm, wrapped, instant(in)), new KeyUri(text(in)));
    }

    private static void put(DataOutputStream out, UUID id) throws IOException {
        out.write(Parts.bytes(id));
    }

    private static void put(DataOutputStream out, Instant at) throws IOException {
        out.writeLong(at.toEpochMilli());
    }

    private static void put(DataOutputStream out, String text) throws IOException {
        put(out, text.getBytes(UTF_8));
    }

    private static void put(DataOutputStream out, byte[] bytes) throws IOException {
        if (bytes.length > 0xffff) {
            throw new IllegalArgumentException("part (%d bytes) must be short".formatted(bytes.length));
        }
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    private static void put(DataOutputStream out, KeySlot slot) throws IOException {
        put(out, slot.tenant().value());
        put(out, slot.level().code());
        put(out, slot.name());
        put(out, slot.tier().code());
    }

    private static void put(DataOutputStream out, ErasableSlot slot) throws IOException {
        put(out, slot.tenant().value());
        put(out, slot.dataClass().code());
        put(out, slot.owner());
        put(out, slot.tier().code());
    }

    private static UUID id(DataInputStream in) throws IOException {
        return new UUID(in.readLong(), in.readLong());
    }

    private static Instant instant(DataInputStream in) throws IOException {
        return Instant.ofEpochMilli(in.readLong());
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(bytes(in), UTF_8);
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readUnsignedShort()];
        in.readFully(bytes);
        return bytes;
    }

    private static KeySlot slot(DataInputStream in) throws IOException {
        return new KeySlot(new TenantId(id(in)), KeyLevel.ofCode(text(in)), text(in), KeyTier.ofCode(text(in)));
    }

    private static ErasableSlot erasableSlot(DataInputStream in) throws IOException {
        return new ErasableSlot(new TenantId(id(in)), DataClass.ofCode(text(in)), text(in), KeyTier.ofCode(text(in)));
    }
}
