package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ActorId;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.testkit.TestkitError;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RecordSealerTest {
    private static final ActorId OPS = new ActorId(ActorId.Kind.USER, "ops");
    private static final List<String> NAMES = List.of("name", "phone");

    private final KeysFixture keys = new KeysFixture();
    private final RecordSealer sealer = keys.service.recordSealer();
    private final TenantId tenant = keys.tenant();
    private final RecordContext record = new RecordContext(
            tenant, DataClass.SUBJECT, new KeyOwner.OfSubject(keys.ids.subjectId()), "subject", "1", 1);

    @AfterEach
    void close() {
        keys.close();
    }

    private Map<String, byte[]> sealed() {
        var values = new LinkedHashMap<String, byte[]>();
        values.put("name", "Maria Ortega".getBytes(UTF_8));
        values.put("phone", "+14155550100".getBytes(UTF_8));
        return sealer.seal(record, values);
    }

    private void refuses(RecordContext as, Map<String, byte[]> sealed, String field) {
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> sealer.open(as, NAMES, sealed))
                .withMessageContaining("(" + field + ")")
                .withMessageNotContaining("Maria");
    }

    @Test
    void open_ofARecord_givesEveryField_underOneKey() {
        var sealed = sealed();

        var opened = sealer.open(record, NAMES, sealed);

        assertThat(opened.keySet()).containsExactly("name", "phone");
        assertThat(opened.get("name")).isEqualTo("Maria Ortega".getBytes(UTF_8));
        assertThat(sealed.get("name")).startsWith(Arrays.copyOf(sealed.get("phone"), SealedHeader.LENGTH));
    }

    /// The bytes are those of the single fields, so that the two never part.
    @Test
    void field_sealedAlone_opensInItsRecord_andTheOtherWay() {
        var sealed = sealed();
        assertThat(keys.service.sealer().open(record.field("name"), sealed.get("name")))
                .isEqualTo("Maria Ortega".getBytes(UTF_8));

        sealed.put("phone", keys.service.sealer().seal(record.field("phone"), new byte[] {7}));
        assertThat(sealer.open(record, NAMES, sealed).get("phone")).isEqualTo(new byte[] {7});
    }

    @Test
    void open_withFieldsUnderTwoKeys_opensBoth() {
        var sealed = sealed();
        keys.service.renewRecordKey(tenant, DataClass.SUBJECT, record.owner());
        sealed.put("phone", sealed().get("phone"));

        assertThat(sealer.open(record, NAMES, sealed)).containsOnlyKeys("name", "phone");
    }

    @Test
    void field_thatIsMissing_isRefusedAndNamed() {
        var sealed = sealed();
        sealed.remove("phone");

        refuses(record, sealed, "phone");
    }

    @Test
    void field_thatWasAltered_isRefusedAndNamed() {
        byte[] whole = sealed().get("phone");
        for (int at = 0; at < whole.length; at++) {
            var sealed = sealed();
            sealed.get("phone")[at] ^= 1;
            refuses(record, sealed, "phone");
        }
        for (int length = 0; length < whole.length; length += 5) {
            var sealed = sealed();
            sealed.put("phone", Arrays.copyOf(whole, length));
            refuses(record, sealed, "phone");
        }
    }

    @Test
    void fields_thatWereMoved_areRefusedAndNamed() {
        var swapped = sealed();
        byte[] name = swapped.get("name");
        swapped.put("name", swapped.get("phone"));
        swapped.put("phone", name);
        refuses(record, swapped, "name");

        refuses(record.next(), sealed(), "name");
        refuses(new RecordContext(tenant, DataClass.SUBJECT, record.owner(), "subject", "2", 1), sealed(), "name");
        refuses(
                new RecordContext(keys.tenant(), DataClass.SUBJECT, record.owner(), "subject", "1", 1),
                sealed(),
                "name");
    }

    @Test
    void seal_withAFieldThatIsTooLong_sealsNothing() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> sealer.seal(
                        record, Map.of("name", new byte[1], "notes", new byte[FieldSealer.MAX_LENGTH + 1])));
        assertThat(keys.meter.counted("keys.field.sealed")).isZero();
    }

    @Test
    void prepare_makesAndHoldsEveryKey_soThatSealingAsksNobody() {
        var call = new KeyOwner.OfCall(keys.ids.callId());
        var transcript = new RecordContext(tenant, DataClass.TRANSCRIPT, call, "turn", "1", 1);
        var summary = new RecordContext(tenant, DataClass.SUMMARY, call, "call-insight", "1", 1);
        var values = Map.of("text", new byte[] {7});
        warm(transcript, summary);

        sealer.prepare(tenant, call, Set.of(DataClass.TRANSCRIPT, DataClass.SUMMARY));
        sealer.prepare(tenant, call, Set.of(DataClass.TRANSCRIPT, DataClass.SUMMARY)); // changes nothing
        assertThat(created(call)).isEqualTo(2);
        records().goDown(new UnavailableException(TestkitError.FAKE_IS_DOWN, "the rows do not answer"));

        var sealed = sealer.seal(transcript, values);
        assertThat(sealer.open(transcript, List.of("text"), sealed).get("text")).isEqualTo(new byte[] {7});
        assertThat(sealer.seal(summary, values)).hasSize(1);
    }

    @Test
    void prepare_withoutClassKeys_makesThoseToo() {
        var call = new KeyOwner.OfCall(keys.ids.callId());

        sealer.prepare(tenant, call, Set.of(DataClass.TRANSCRIPT, DataClass.ANALYTICS));

        assertThat(created(call)).isEqualTo(2);
    }

    @Test
    void prepare_ofWhatWasDestroyed_leavesItSo() {
        var call = new KeyOwner.OfCall(keys.ids.callId());
        var transcript = new RecordContext(tenant, DataClass.TRANSCRIPT, call, "turn", "1", 1);
        warm(transcript);
        keys.service.destroyRecordKey(tenant, DataClass.TRANSCRIPT, call);

        sealer.prepare(tenant, call, Set.of(DataClass.TRANSCRIPT));

        assertThat(created(call)).isZero();
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> sealer.seal(transcript, Map.of("text", new byte[] {7})));
    }

    /// A record key that a compromised class key wraps must not be held to seal, prepared or not.
    @Test
    void prepare_ofAKeyUnderACompromisedClassKey_doesNotPutItInUse() {
        var call = new KeyOwner.OfCall(keys.ids.callId());
        var transcript = new RecordContext(tenant, DataClass.TRANSCRIPT, call, "turn", "1", 1);
        byte[] before = sealer.seal(transcript, Map.of("text", new byte[] {7})).get("text");
        var classKey = keys.service.list(Optional.of(tenant)).stream()
                .filter(key -> key.name().equals(DataClass.TRANSCRIPT.code()))
                .findFirst()
                .orElseThrow();
        keys.service.lifecycle().compromised(tenant, classKey.id(), OPS);

        sealer.prepare(tenant, call, Set.of(DataClass.TRANSCRIPT));

        byte[] after = sealer.seal(transcript, Map.of("text", new byte[] {7})).get("text");
        assertThat(Arrays.copyOf(after, SealedHeader.LENGTH)).isNotEqualTo(Arrays.copyOf(before, SealedHeader.LENGTH));
    }

    /// Class keys are held from now on.
    private void warm(RecordContext... places) {
        for (var place : places) {
            var other = new KeyOwner.OfCall(keys.ids.callId());
            var there = new RecordContext(tenant, place.dataClass(), other, place.type(), "2", 1);
            sealer.seal(there, Map.of("text", new byte[0]));
        }
    }

    private InMemoryKeyRecords records() {
        return (InMemoryKeyRecords) keys.records;
    }

    private long created(KeyOwner.OfCall call) {
        return keys.audit.events().stream()
                .filter(event -> event.type().equals("key.created")
                        && call.text().equals(event.details().get("owner")))
                .count();
    }
}
