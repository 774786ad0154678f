package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.NotFoundException;
import dev.sotto.core.TenantId;
import java.util.ArrayList;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BlindIndexTest {
    private final FakeKms kms = new FakeKms();
    private final InMemoryKeyRecords records = new InMemoryKeyRecords();
    private final KeysFixture keys = new KeysFixture(kms, records);
    private final TenantId tenant = keys.tenant();

    @AfterEach
    void close() {
        keys.close();
    }

    private String of(TenantId of, String purpose, String... parts) {
        return HexFormat.of()
                .formatHex(keys.service.blindIndex().of(of, purpose, parts).bytes());
    }

    @Test
    void of_equalParts_isEqualAlsoOnAnotherNodeAndAfterARestart() {
        var hash = of(tenant, "identity", "1984-05-12", "4417");
        try (var other = new KeysFixture(kms, records)) {
            assertThat(hash)
                    .hasSize(32)
                    .isEqualTo(of(tenant, "identity", "1984-05-12", "4417"))
                    .isEqualTo(HexFormat.of()
                            .formatHex(other.service
                                    .blindIndex()
                                    .of(tenant, "identity", "1984-05-12", "4417")
                                    .bytes()));
        }
    }

    @Test
    void of_anythingElse_differs() {
        var hashes = new ArrayList<String>();
        hashes.add(of(tenant, "identity", "1984-05-12", "4417"));
        hashes.add(of(tenant, "identity", "1984-05-1", "24417"));
        hashes.add(of(tenant, "identity", "1984-05-124417"));
        hashes.add(of(tenant, "identity", "4417", "1984-05-12"));
        hashes.add(of(tenant, "identity", "1984-05-12", "4417", ""));
        hashes.add(of(tenant, "phone", "1984-05-12", "4417"));
        hashes.add(of(keys.tenant(), "identity", "1984-05-12", "4417"));

        assertThat(hashes).doesNotHaveDuplicates();
    }

    @Test
    void of_wrongUse_isRefused() {
        for (var purpose : new String[] {"", "Phone", "a b", "1a", "a".repeat(49)}) {
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> of(tenant, purpose, "x"));
        }
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> of(tenant, "phone"));
        assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> of(keys.ids.tenantId(), "phone", "x"));
    }

    @Test
    void subjectHash_hasAKeyOfItsOwn() {
        var subject = keys.ids.subjectId();
        var hash = keys.service.subjectHasher().hash(tenant, subject);
        of(tenant, "subject-hash", subject.toString());

        assertThat(hash)
                .matches("[0-9a-f]{64}")
                .isEqualTo(keys.service.subjectHasher().hash(tenant, subject))
                .isNotEqualTo(keys.service.subjectHasher().hash(keys.tenant(), subject))
                .isNotEqualTo(keys.service.subjectHasher().hash(tenant, keys.ids.subjectId()));
        assertThat(records.list(tenant).stream()
                        .filter(row -> row.slot().level() == KeyLevel.PURPOSE)
                        .map(row -> row.slot().name()))
                .containsExactlyInAnyOrder("subject-hash", "blind-index/subject-hash");
    }
}
