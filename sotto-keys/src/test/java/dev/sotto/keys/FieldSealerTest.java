package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SealContext;
import dev.sotto.core.Sealer;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.testkit.Samples;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FieldSealerTest {
    private static final byte[] NAME = "Maria Ortega".getBytes(StandardCharsets.UTF_8);

    private final KeysFixture keys = new KeysFixture();
    private final Sealer sealer = keys.service.sealer();
    private final TenantId tenant = keys.tenant();
    private final CallId call = keys.ids.callId();
    private final SealContext context = field("name", 1);

    @AfterEach
    void close() {
        keys.close();
    }

    private SealContext field(String field, long version) {
        return new SealContext(tenant, DataClass.TRANSCRIPT, new KeyOwner.OfCall(call), "turn", "01J", field, version);
    }

    @Test
    void open_ofWhatWasSealed_givesItBack() {
        assertThat(sealer.open(context, sealer.seal(context, NAME))).isEqualTo(NAME);
    }

    @Test
    void open_ofRandomLengths_givesThemBack() {
        Samples.forAll(
                30,
                random -> {
                    byte[] bytes = new byte[random.nextInt(3 * Cobblestone.CHUNK_LENGTH)];
                    random.nextBytes(bytes);
                    return bytes;
                },
                bytes -> assertThat(sealer.open(context, sealer.seal(context, bytes)))
                        .isEqualTo(bytes));
    }

    @Test
    void open_atTheEdgesOfChunks_givesThemBack() {
        for (int length : new int[] {0, 1, 16383, 16384, 16385, 32767, 32768, 32769, FieldSealer.MAX_LENGTH}) {
            byte[] bytes = new byte[length];
            Arrays.fill(bytes, (byte) 7);

            assertThat(sealer.open(context, sealer.seal(context, bytes))).isEqualTo(bytes);
        }
    }

    @Test
    void seal_twice_neverGivesTheSameBytes() {
        var seen = new HashSet<String>();
        for (int i = 0; i < 100; i++) {
            assertThat(seen.add(Arrays.toString(sealer.seal(context, NAME)))).isTrue();
        }
    }

    @Test
    void seal_ofAField_hasThePromisedLengthAndHoldsNoPlaintext() {
        byte[] sealed = sealer.seal(context, NAME);

        assertThat(sealed).hasSize(1 + 16 + 24 + 32 + NAME.length + 16);
        assertThat(sealed[0]).isEqualTo((byte) 1);
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("Maria", "Ortega");
    }

    @Test
    void open_withAnyBitFlipped_isRefused() {
        byte[] sealed = sealer.seal(context, NAME);
        for (int bit = 0; bit < sealed.length * 8; bit++) {
            byte[] altered = sealed.clone();
            altered[bit / 8] ^= (byte) (1 << bit % 8);

            refuses(context, altered);
        }
        assertThat(keys.meter.counted("keys.open.refused")).isEqualTo(sealed.length * 8L);
        assertThat(keys.meter.counted("keys.open.refused.header")).isEqualTo(8);
        assertThat(keys.meter.counted("keys.open.refused.key-absent")).isEqualTo(16 * 8);
        assertThat(keys.meter.counted("keys.open.refused.commitment")).isEqualTo(56 * 8);
        assertThat(keys.meter.counted("keys.open.refused.chunk")).isEqualTo((NAME.length + 16) * 8L);
    }

    @Test
    void open_cutAtAnyLength_isRefused() {
        byte[] sealed = sealer.seal(context, NAME);
        for (int length = 0; length < sealed.length; length++) {
            refuses(context, Arrays.copyOf(sealed, length));
        }
    }

    @Test
    void open_withBytesAppended_isRefused() {
        byte[] sealed = sealer.seal(context, NAME);
        for (int more : new int[] {1, 16, 17, 16384, 16400, 2 << 20}) {
            refuses(context, Arrays.copyOf(sealed, sealed.length + more));
        }
    }

    @Test
    void open_underAnyOtherContext_isRefused() {
        byte[] sealed = sealer.seal(context, NAME);
        var owner = new KeyOwner.OfCall(call);
        var otherTenant = keys.tenant();
        var contexts = List.of(
                new SealContext(otherTenant, DataClass.TRANSCRIPT, owner, "turn", "01J", "name", 1),
                new SealContext(tenant, DataClass.SUMMARY, owner, "turn", "01J", "name", 1),
                new SealContext(
                        tenant, DataClass.TRANSCRIPT, new KeyOwner.OfCall(keys.ids.callId()), "turn", "01J", "name", 1),
                new SealContext(
                        tenant,
                        DataClass.TRANSCRIPT,
                        new KeyOwner.OfSubject(keys.ids.subjectId()),
                        "turn",
                        "01J",
                        "name",
                        1),
                new SealContext(tenant, DataClass.TRANSCRIPT, owner, "note", "01J", "name", 1),
                new SealContext(tenant, DataClass.TRANSCRIPT, owner, "turn", "01K", "name", 1),
                new SealContext(tenant, DataClass.TRANSCRIPT, owner, "turn", "01J", "text", 1),
                new SealContext(tenant, DataClass.TRANSCRIPT, owner, "turn", "01J", "name", 2),
                new SealContext(tenant, DataClass.TRANSCRIPT, owner, "turn0", "1J", "name", 1));
        for (var other : contexts) {
            refuses(other, sealed);
            keys.service.forgetUnwrapped();
            refuses(other, sealed);
        }
        assertThat(sealer.open(context, sealed)).isEqualTo(NAME);
    }

    /// The record key of one row put into the row of another, as whoever has the database could do.
    @Test
    void open_withAnotherRowsKeyMovedIntoPlace_isRefused() {
        byte[] sealed = sealer.seal(context, NAME);
        var other = new SealContext(
                tenant, DataClass.TRANSCRIPT, new KeyOwner.OfCall(keys.ids.callId()), "turn", "01J", "name", 1);
        sealer.seal(other, NAME);
        var records = (InMemoryKeyRecords) keys.records;
        var mine = records.latest(FieldSealer.slot(context)).orElseThrow();
        var theirs = records.latest(FieldSealer.slot(other)).orElseThrow();
        keys.service.forgetUnwrapped();

        records.tamper(
                new ErasableKey(mine.id(), theirs.slot(), 9, mine.algorithm(), mine.wrapped(), mine.createdAt()));
        refuses(context, sealed);
        refuses(other, sealed);
        records.tamper(new ErasableKey(
                mine.id(), mine.slot(), mine.version(), mine.algorithm(), theirs.wrapped(), mine.createdAt()));
        refuses(context, sealed);
        records.tamper(
                new ErasableKey(mine.id(), mine.slot(), mine.version(), "rot13", mine.wrapped(), mine.createdAt()));
        refuses(context, sealed);
        records.tamper(mine);
        assertThat(sealer.open(context, sealed)).isEqualTo(NAME);
    }

    @Test
    void open_afterItsRecordKeyWasDestroyed_isRefused() {
        byte[] sealed = sealer.seal(context, NAME);

        keys.service.destroyRecordKey(tenant, DataClass.TRANSCRIPT, new KeyOwner.OfCall(call));

        refuses(context, sealed);
        assertThat(keys.meter.counted("keys.open.refused.key-absent")).isEqualTo(1);
    }

    @Test
    void open_ofAnUnknownTenant_isRefusedInTheSameWords() {
        byte[] sealed = sealer.seal(context, NAME);

        refuses(
                new SealContext(
                        keys.ids.tenantId(), DataClass.TRANSCRIPT, new KeyOwner.OfCall(call), "turn", "01J", "name", 1),
                sealed);
    }

    @Test
    void seal_forATenantWithoutKey_isRefused() {
        var stranger = KeysFixture.recording(keys.ids.tenantId(), call);

        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> sealer.seal(stranger, NAME))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.TENANT_KEY_ABSENT));
    }

    @Test
    void seal_ofMoreThanTheLimit_isRefused() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> sealer.seal(context, new byte[FieldSealer.MAX_LENGTH + 1]))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.FIELD_TOO_LARGE));
    }

    @Test
    void sealAndOpen_whileTheRowsDoNotAnswer_failClosedAndWorkAgain() {
        byte[] sealed = sealer.seal(context, NAME);
        keys.service.forgetUnwrapped();
        var records = (InMemoryKeyRecords) keys.records;
        records.goDown(new UnavailableException(KeysError.KEY_BUSY, "the database does not answer"));

        assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> sealer.open(context, sealed));
        assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> sealer.seal(context, NAME));

        records.comeBack();
        assertThat(sealer.open(context, sealed)).isEqualTo(NAME);
    }

    private void refuses(SealContext other, byte[] sealed) {
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> sealer.open(other, sealed))
                .withMessage("sealed data did not open")
                .withNoCause()
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.SEALED_DATA_INVALID));
    }
}
