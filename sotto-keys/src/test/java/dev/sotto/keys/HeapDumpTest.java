package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What of keys a heap dump of this process holds. The dump has every object that can be reached: what the
/// collector has not yet swept, what it copied, and memory outside the heap are not in it, and no test can
/// promise anything about them.
final class HeapDumpTest {
    private static final byte MASK = 0x5a;
    private static final int BUFFER = 1 << 20;

    @TempDir
    Path folder;

    private final KeysFixture keys = new KeysFixture();
    private final TenantId tenant = keys.tenant();
    private final CallId call = keys.ids.callId();
    private final RecordContext record =
            new RecordContext(tenant, DataClass.TRANSCRIPT, new KeyOwner.OfCall(call), "turn", "7", 1);
    private final Map<String, byte[]> masked = new LinkedHashMap<>(); // or the search would find itself
    private byte[] planted = new byte[0];
    private int dumps;

    @BeforeEach
    void useEveryKey() {
        var sealed = keys.service.recordSealer().seal(record, Map.of("text", new byte[] {1, 2, 3}));
        keys.service.recordSealer().open(record, Set.of("text"), sealed);
        keys.service.blindIndex().of(tenant, "phone", "1");
        for (var row : keys.records.list(tenant)) {
            var context = EncryptionContext.of(row.slot(), row.version(), row.id());
            if (row.slot().level() == KeyLevel.TENANT) {
                remember("tenant", keys.kms.unwrap(row.wrapped(), context));
            }
        }
        for (var row : keys.records.list(tenant)) {
            var context = EncryptionContext.of(row.slot(), row.version(), row.id());
            if (row.slot().level() != KeyLevel.TENANT) {
                remember(row.slot().level().code(), unwrap("tenant", row.wrapped(), context));
            }
        }
        var slot = ErasableSlot.of(tenant, DataClass.TRANSCRIPT, record.owner(), KeyTier.PRIMARY);
        var row = keys.records.latest(slot).orElseThrow();
        remember("record", unwrap("class", row.wrapped(), EncryptionContext.of(slot, 1, row.id())));
        assertThat(masked).containsOnlyKeys("tenant", "class", "purpose", "record");
    }

    @AfterEach
    void close() {
        keys.close();
    }

    private DataKey unwrap(String parent, WrappedKey wrapped, EncryptionContext context) {
        byte[] clear = mask(masked.get(parent));
        try (var key = DataKey.copyOf(clear)) {
            return Wrapping.unwrap(key, wrapped.bytes(), context);
        } finally {
            Arrays.fill(clear, (byte) 0);
        }
    }

    private void remember(String level, DataKey key) {
        byte[] clear = key.reveal();
        masked.put(level, mask(clear));
        Arrays.fill(clear, (byte) 0);
        key.close();
    }

    private static byte[] mask(byte[] bytes) {
        byte[] other = bytes.clone();
        for (int i = 0; i < other.length; i++) {
            other[i] ^= MASK;
        }
        return other;
    }

    /// Which of the keys a dump holds.
    private Set<String> found() throws IOException {
        Path dump = folder.resolve("heap-%d.hprof".formatted(dumps++));
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(dump.toString(), true);
        try {
            return search(dump);
        } finally {
            Files.delete(dump);
        }
    }

    private Set<String> search(Path dump) throws IOException {
        var found = new TreeSet<String>();
        byte[] window = new byte[BUFFER + DataKey.LENGTH];
        int kept = 0;
        try (var file = FileChannel.open(dump)) {
            int read;
            while ((read = file.read(ByteBuffer.wrap(window, kept, BUFFER))) > 0) {
                int length = kept + read;
                for (var key : masked.entrySet()) {
                    if (holds(window, length, key.getValue())) {
                        found.add(key.getKey());
                    }
                }
                kept = Math.min(length, DataKey.LENGTH - 1);
                System.arraycopy(window, length - kept, window, 0, kept);
            }
        }
        return found;
    }

    private static boolean holds(byte[] window, int length, byte[] key) {
        byte first = (byte) (key[0] ^ MASK);
        for (int at = 0; at <= length - key.length; at++) {
            if (window[at] == first && matches(window, at, key)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(byte[] window, int at, byte[] key) {
        for (int i = 1; i < key.length; i++) {
            if (window[at + i] != (byte) (key[i] ^ MASK)) {
                return false;
            }
        }
        return true;
    }

    @Test
    void keys_areInTheDumpWhileTheyAreHeld_andGoneOnceTheyAreForgotten() throws IOException {
        assertThat(found()).containsExactly("class", "purpose", "record", "tenant"); // so the search works

        keys.service.forgetUnwrapped();
        assertThat(found()).isEmpty();

        planted = mask(masked.get("record")); // one copy somebody kept
        assertThat(found()).containsExactly("record");
        Arrays.fill(planted, (byte) 0);
        assertThat(found()).isEmpty();
    }

    /// What the module keeps of keys that it was given is in Java's memory too, and not ours to overwrite.
    private static void notOverTheFipsModule() {
        assumeFalse(CryptoProvider.isFips(), "the FIPS module keeps copies of its own");
    }

    @Test
    void revokedKey_andWhatIsBelowIt_areGone() throws IOException {
        notOverTheFipsModule();
        var row = keys.records
                .latest(KeySlot.dataClass(tenant, DataClass.TRANSCRIPT, KeyTier.PRIMARY))
                .orElseThrow();

        keys.service.lifecycle().revoke(tenant, row.id(), KeysFixture.NODE);

        assertThat(found()).doesNotContain("class", "record");
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> keys.service.recordSealer().seal(record, Map.of("text", new byte[] {1})));
        assertThat(found()).doesNotContain("class", "record");
    }

    @Test
    void closedService_holdsNoKey() throws IOException {
        notOverTheFipsModule();
        keys.service.close();

        assertThat(found()).isEmpty();
    }
}
