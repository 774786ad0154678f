package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ActorId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.testkit.FakeAuditSink;
import dev.sotto.testkit.FakeMeter;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Versions of index keys: who is live, who ends, and what is refused.
class IndexKeysTest {
    private static final ActorId USER = new ActorId(ActorId.Kind.USER, "admin");

    private final FakeKms kms = new FakeKms();
    private final FakeMacKms token = new FakeMacKms(kms);
    private final InMemoryKeyRecords records = new InMemoryKeyRecords();
    private final KeysFixture keys = new KeysFixture(kms, records);
    private final TenantId tenant = keys.tenant();
    private final KeySlot slot = IndexKeys.slot(tenant, "phone");

    @AfterEach
    void close() {
        keys.close();
    }

    private KeyService node(Optional<KeyUri> indexKey) {
        return new KeyService(
                token,
                FakeKms.PRIMARY,
                records,
                new FakeAuditSink(),
                keys.clock,
                new SecureRandom(),
                new FakeMeter(),
                KeyServiceConfig.defaults(KeysFixture.NODE).withIndexKey(indexKey));
    }

    private KeyService inside() {
        return node(Optional.of(FakeMacKms.INDEX));
    }

    private static List<IndexValue> all(KeyService of, TenantId tenant) {
        return of.blindIndex().all(tenant, "phone", "4417");
    }

    private static void refused(KeysError code, ThrowingCallable act) {
        assertThatExceptionOfType(SottoException.class)
                .isThrownBy(act)
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void rotate_newRowsAreUnderTheNewKey_andSearchesAskForBothUntilItIsRetired() {
        var before = keys.service.blindIndex().of(tenant, "phone", "4417");
        var rotated = keys.service.indexKeys().rotate(tenant, "phone", USER);

        var both = all(keys.service, tenant);
        assertThat(rotated.version()).isEqualTo(2);
        assertThat(both).hasSize(2).endsWith(before);
        assertThat(both.getFirst().key()).isEqualTo(rotated.id());
        assertThat(both.getFirst().bytes()).isNotEqualTo(before.bytes());
        assertThat(keys.service.blindIndex().of(tenant, "phone", "4417")).isEqualTo(both.getFirst());
        assertThat(keys.service.list(Optional.of(tenant))).noneMatch(KeyStatus::retired);

        assertThat(keys.service.indexKeys().retire(tenant, "phone", 2, USER)).isTrue();
        assertThat(keys.service.indexKeys().retire(tenant, "phone", 2, USER)).isFalse();
        assertThat(all(keys.service, tenant)).containsExactly(both.getFirst());
        assertThat(keys.service.list(Optional.of(tenant)))
                .filteredOn(KeyStatus::retired)
                .singleElement()
                .satisfies(key -> assertThat(key.version()).isEqualTo(1));
        assertThat(keys.audit.types()).contains("key.rotated", "key.index.retired");
    }

    @Test
    void rotate_whileTheOneBeforeIsNotRetired_orWithoutAKey_isRefused() {
        all(keys.service, tenant);
        keys.service.indexKeys().rotate(tenant, "phone", USER);

        assertThatExceptionOfType(ConflictException.class)
                .isThrownBy(() -> keys.service.indexKeys().rotate(tenant, "phone", USER))
                .satisfies(e -> assertThat(e.code()).isEqualTo(KeysError.INDEX_KEY_RETIRING));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> keys.service.indexKeys().rotate(tenant, "none", USER));
        keys.service.indexKeys().retire(tenant, "phone", 2, USER);
        assertThat(keys.service.indexKeys().rotate(tenant, "phone", USER).version())
                .isEqualTo(3);
    }

    @Test
    void rotateDue_byAge_leavesSubjectHashesAlone() {
        all(keys.service, tenant);
        var subject = keys.ids.subjectId();
        var hash = keys.service.subjectHasher().hash(tenant, subject);
        assertThat(keys.service.lifecycle().rotateDue(USER)).isEmpty();
        keys.clock.advance(Duration.ofDays(351));

        assertThat(keys.service.lifecycle().rotateDue(USER))
                .extracting(KeyLifecycle.Rotated::name)
                .containsExactlyInAnyOrder("", "blind-index/phone");
        assertThat(keys.service.lifecycle().rotateDue(USER)).isEmpty();
        assertThat(keys.service.subjectHasher().hash(tenant, subject)).isEqualTo(hash);
    }

    @Test
    void anotherNode_hearsOfIt_andAStaleOneWhenItForgets() {
        try (var other = new KeysFixture(kms, records)) {
            var old = all(other.service, tenant);
            keys.service.indexKeys().rotate(tenant, "phone", USER);
            assertThat(all(other.service, tenant)).isEqualTo(old);
            other.service.blindIndex().forget();
            assertThat(all(other.service, tenant)).isEqualTo(all(keys.service, tenant));

            keys.service.indexKeys().retire(tenant, "phone", 2, USER);
            other.service.forgetUnwrapped();
            assertThat(all(other.service, tenant))
                    .isEqualTo(all(keys.service, tenant))
                    .hasSize(1);
        }
    }

    @Test
    void at_isOneKeyForATimeThatHasBegun() {
        keys.clock.advance(Duration.ofHours(1));
        var begin = keys.clock.instant();
        var old = keys.service.blindIndex().at(tenant, begin, "phone", "4417");
        keys.clock.advance(Duration.ofMinutes(1));
        keys.service.indexKeys().rotate(tenant, "phone", USER);

        assertThat(keys.service.blindIndex().at(tenant, begin, "phone", "4417")).isEqualTo(old);
        keys.clock.advance(Duration.ofHours(1));
        assertThat(keys.service.blindIndex().at(tenant, keys.clock.instant(), "phone", "4417"))
                .isEqualTo(keys.service.blindIndex().of(tenant, "phone", "4417"))
                .isNotEqualTo(old);
    }

    @Test
    void aRevokedVersion_closesAllSearches() {
        all(keys.service, tenant);
        var old = records.latest(slot).orElseThrow();
        keys.service.indexKeys().rotate(tenant, "phone", USER);
        keys.service.lifecycle().revoke(tenant, old.id(), USER);

        refused(KeysError.KEY_REVOKED, () -> all(keys.service, tenant));
        keys.service.lifecycle().reinstate(tenant, old.id(), USER);
        assertThat(all(keys.service, tenant)).hasSize(2);
    }

    @Test
    void aCompromisedKey_isReplacedAtOnce_andLiveUntilItIsRetired() {
        var value = all(keys.service, tenant).getFirst();
        keys.service.lifecycle().compromised(tenant, value.key(), USER);

        assertThat(all(keys.service, tenant)).hasSize(2).endsWith(value);
        keys.service.indexKeys().retire(tenant, "phone", 2, USER);
        assertThat(all(keys.service, tenant)).hasSize(1).doesNotContain(value);
    }

    @Test
    void aCompromisedTenantKey_takesItsIndexKeysAlong() {
        var value = all(keys.service, tenant).getFirst();
        var tenantKey = records.latest(KeySlot.tenant(tenant, KeyTier.PRIMARY)).orElseThrow();
        keys.service.lifecycle().compromised(tenant, tenantKey.id(), USER);

        assertThat(records.find(tenant, value.key()).orElseThrow().state()).isEqualTo(KeyState.COMPROMISED);
        assertThat(all(keys.service, tenant)).hasSize(2).endsWith(value);
    }

    /// Whoever can write the key table puts the old version back in use.
    @Test
    void aRetiredVersion_putBack_isNotLive() {
        all(keys.service, tenant);
        var old = records.latest(slot).orElseThrow();
        keys.service.indexKeys().rotate(tenant, "phone", USER);
        keys.service.indexKeys().retire(tenant, "phone", 2, USER);
        records.changeState(records.find(tenant, old.id()).orElseThrow(), KeyState.ACTIVE);
        keys.service.forgetUnwrapped();

        assertThat(all(keys.service, tenant)).extracting(IndexValue::key).doesNotContain(old.id());
    }

    /// HMAC-SHA-256 of the length-prefixed label, tenant, purpose and message, cut to 16 bytes: nothing else may be
    /// sent, or what one service indexed another would not find.
    @Test
    void insideAService_isTheMacOfTenantPurposeAndParts() {
        try (var node = inside()) {
            byte[] whole = Parts.lengthPrefixed(
                    "sotto-token-mac".getBytes(US_ASCII),
                    tenant.toString().getBytes(US_ASCII),
                    "blind-index/phone".getBytes(US_ASCII),
                    BlindIndex.message("phone", "4417"));
            var value = node.blindIndex().of(tenant, "phone", "4417");

            assertThat(value.bytes()).isEqualTo(Arrays.copyOf(token.mac(FakeMacKms.INDEX, whole), BlindIndex.LENGTH));
            assertThat(node.blindIndex().of(keys.tenant(), "phone", "4417").bytes())
                    .isNotEqualTo(value.bytes());
            var row = records.latest(slot).orElseThrow();
            assertThat(row.algorithm()).isEqualTo("kms-hmac-sha-256");
            assertThat(row.wrapped().kek()).isEqualTo(FakeMacKms.INDEX);
            node.lifecycle().rotateTenantKey(tenant, KeyTier.PRIMARY, USER);
            assertThat(node.lifecycle().rewrapKeys(tenant, USER).left()).isZero();
            assertThat(node.blindIndex().of(tenant, "phone", "4417")).isEqualTo(value);
        }
    }

    @Test
    void configured_aKeyMovesIntoTheService_toAnotherKeyThere_andBack() {
        var software = all(keys.service, tenant).getFirst();
        for (var to : List.of(
                Optional.of(FakeMacKms.INDEX), Optional.of(FakeMacKms.SECOND_INDEX), Optional.<KeyUri>empty())) {
            try (var node = node(to)) {
                assertThat(node.lifecycle().rotateDue(USER))
                        .extracting(KeyLifecycle.Rotated::why)
                        .containsExactly("moved");
                assertThat(node.lifecycle().rotateDue(USER)).isEmpty();
                assertThat(all(node, tenant)).hasSize(2);
                node.indexKeys()
                        .retire(
                                tenant,
                                "phone",
                                records.latest(slot).orElseThrow().version(),
                                USER);
                assertThat(all(node, tenant)).hasSize(1).doesNotContain(software);
            }
        }
    }

    @Test
    void insideAService_theSameKeyAgain_isRefused() {
        try (var node = inside()) {
            all(node, tenant);
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> node.indexKeys().rotate(tenant, "phone", USER));
        }
    }

    @Test
    void insideAService_thatIsAway_orHasAnotherKey_nothingIsFound() {
        try (var node = inside()) {
            var value = all(node, tenant);
            token.away(true);
            assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> all(node, tenant));
            token.away(false);
            assertThat(all(node, tenant)).isEqualTo(value);

            token.replace(FakeMacKms.INDEX);
            node.forgetUnwrapped();
            refused(KeysError.INDEX_KEY_CHANGED, () -> all(node, tenant));
        }
    }

    @Test
    void insideAService_aRowOfAnotherTenant_isRefused() {
        try (var node = inside()) {
            all(node, tenant);
            var row = records.latest(slot).orElseThrow();
            var other = keys.tenant();
            records.insert(new KeyRecord(
                    row.id(),
                    IndexKeys.slot(other, "phone"),
                    1,
                    KeyState.ACTIVE,
                    row.algorithm(),
                    row.wrapped(),
                    row.createdAt()));
            refused(KeysError.INDEX_KEY_CHANGED, () -> all(node, other));
        }
    }
}
