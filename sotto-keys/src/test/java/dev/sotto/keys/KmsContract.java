package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.DataClass;
import dev.sotto.core.IdSource;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.RejectedException;
import dev.sotto.core.TenantId;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// What every [Kms] must do; each adapter's test extends it.
public abstract class KmsContract {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final IdSource IDS = new IdSource(Clock.systemUTC(), RANDOM);
    private static final TenantId TENANT = IDS.tenantId();
    private static final UUID ROW = IDS.next();
    private static final EncryptionContext CONTEXT =
            EncryptionContext.of(KeySlot.tenant(TENANT, KeyTier.PRIMARY), 1, ROW);

    protected abstract Kms kms();

    /// A key of the service that may wrap.
    protected abstract KeyUri kek();

    /// Another one.
    protected abstract KeyUri otherKek();

    @Test
    void unwrap_underTheSameContext_givesTheKeyBack() {
        try (var key = DataKey.random(RANDOM)) {
            var wrapped = kms().wrap(kek(), key, CONTEXT);

            assertThat(kms().unwrap(wrapped, CONTEXT)).isEqualTo(key);
            assertThat(wrapped.kek()).isEqualTo(kek());
            assertThat(kms().scheme()).isEqualTo(kek().scheme());
        }
    }

    @Test
    void wrap_twice_givesOtherBytes() {
        try (var key = DataKey.random(RANDOM)) {
            assertThat(kms().wrap(kek(), key, CONTEXT)).isNotEqualTo(kms().wrap(kek(), key, CONTEXT));
        }
    }

    @Test
    void unwrap_underAnotherContext_isRefused() {
        var wrapped = wrapped();
        var others = List.of(
                EncryptionContext.of(KeySlot.tenant(IDS.tenantId(), KeyTier.PRIMARY), 1, ROW),
                EncryptionContext.of(KeySlot.tenant(TENANT, KeyTier.BACKUP), 1, ROW),
                EncryptionContext.of(KeySlot.tenant(TENANT, KeyTier.PRIMARY), 2, ROW),
                EncryptionContext.of(KeySlot.tenant(TENANT, KeyTier.PRIMARY), 1, IDS.next()),
                EncryptionContext.of(KeySlot.dataClass(TENANT, DataClass.RECORDING, KeyTier.PRIMARY), 1, ROW),
                EncryptionContext.of(KeySlot.purpose(TENANT, "recording", KeyTier.PRIMARY), 1, ROW),
                EncryptionContext.of(
                        ErasableSlot.of(TENANT, DataClass.RECORDING, new KeyOwner.OfTenant(TENANT), KeyTier.PRIMARY),
                        1,
                        ROW),
                EncryptionContext.ofSecret("node-secret"));
        for (var other : others) {
            refuses(wrapped, other);
        }
    }

    @Test
    void unwrap_ofARecordKeyForAnotherOwnerOrClass_isRefused() {
        var owner = new KeyOwner.OfSubject(IDS.subjectId());
        var slot = ErasableSlot.of(TENANT, DataClass.SUBJECT, owner, KeyTier.PRIMARY);
        try (var key = DataKey.random(RANDOM)) {
            var wrapped = kms().wrap(kek(), key, EncryptionContext.of(slot, 1, ROW));
            var others = List.of(
                    ErasableSlot.of(
                            TENANT, DataClass.SUBJECT, new KeyOwner.OfSubject(IDS.subjectId()), KeyTier.PRIMARY),
                    ErasableSlot.of(TENANT, DataClass.APPOINTMENT, owner, KeyTier.PRIMARY),
                    ErasableSlot.of(TENANT, DataClass.SUBJECT, owner, KeyTier.BACKUP));
            for (var other : others) {
                refuses(wrapped, EncryptionContext.of(other, 1, ROW));
            }
            assertThat(kms().unwrap(wrapped, EncryptionContext.of(slot, 1, ROW)))
                    .isEqualTo(key);
        }
    }

    @Test
    void unwrap_withAnyByteAltered_isRefused() {
        var wrapped = wrapped();
        for (int at = 0; at < wrapped.bytes().length; at++) {
            byte[] altered = wrapped.bytes();
            altered[at] ^= 1;

            refuses(WrappedKey.of(wrapped.kek(), altered), CONTEXT);
        }
    }

    @Test
    void unwrap_cutOrProlonged_isRefused() {
        var wrapped = wrapped();
        int whole = wrapped.bytes().length;
        for (int length = 1; length < whole + 20; length++) {
            if (length != whole) {
                refuses(WrappedKey.of(wrapped.kek(), Arrays.copyOf(wrapped.bytes(), length)), CONTEXT);
            }
        }
    }

    @Test
    void unwrap_underAnotherKek_isRefused() {
        var wrapped = wrapped();

        refuses(WrappedKey.of(otherKek(), wrapped.bytes()), CONTEXT);
        refuses(WrappedKey.of(new KeyUri(kek().scheme() + ":no-such-key"), wrapped.bytes()), CONTEXT);
        refuses(WrappedKey.of(new KeyUri("elsewhere:primary"), wrapped.bytes()), CONTEXT);
    }

    @Test
    void wrap_underAnUnknownKek_isRefused() {
        try (var key = DataKey.random(RANDOM)) {
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> kms().wrap(new KeyUri(kek().scheme() + ":no-such-key"), key, CONTEXT));
        }
    }

    @Test
    void wrapAndUnwrap_fromManyThreads_agree() throws Exception {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var futures = new ArrayList<Future<Boolean>>();
            for (int i = 0; i < 50; i++) {
                futures.add(executor.submit(() -> {
                    try (var key = DataKey.random(RANDOM);
                            var back = kms().unwrap(kms().wrap(kek(), key, CONTEXT), CONTEXT)) {
                        return back.equals(key);
                    }
                }));
            }
            for (var future : futures) {
                assertThat(future.get()).isTrue();
            }
        }
    }

    private WrappedKey wrapped() {
        try (var key = DataKey.random(RANDOM)) {
            return kms().wrap(kek(), key, CONTEXT);
        }
    }

    private void refuses(WrappedKey wrapped, EncryptionContext context) {
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> kms().unwrap(wrapped, context))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.WRAPPED_KEY_INVALID))
                .withMessageNotContaining(TENANT.toString());
    }
}
