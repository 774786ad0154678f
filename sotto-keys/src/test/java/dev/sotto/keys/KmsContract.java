package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.sotto.core.DataClass;
import dev.sotto.core.ErrorCode;
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
    private static final int MAX_FLIPS = 1_024;
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

    /// One more client of the same service, as another node has it. Each test that asks for it closes it.
    protected abstract Kms openAnother();

    /// A key of a service that this one does not serve.
    protected KeyUri elsewhere() {
        return new KeyUri("elsewhere:primary");
    }

    /// How a wrapped key of another service is refused.
    protected ErrorCode elsewhereCode() {
        return KeysError.WRAPPED_KEY_INVALID;
    }

    /// What [Kms#scheme()] answers.
    protected String scheme() {
        return kek().scheme();
    }

    @Test
    void unwrap_underTheSameContext_givesTheKeyBack() {
        try (var key = DataKey.random(RANDOM)) {
            var wrapped = kms().wrap(kek(), key, CONTEXT);

            assertThat(kms().unwrap(wrapped, CONTEXT)).isEqualTo(key);
            assertThat(wrapped.kek()).isEqualTo(kek());
            assertThat(kms().scheme()).isEqualTo(scheme());
        }
    }

    @Test
    void wrap_twice_givesOtherBytes() {
        try (var key = DataKey.random(RANDOM)) {
            assertThat(kms().wrap(kek(), key, CONTEXT)).isNotEqualTo(kms().wrap(kek(), key, CONTEXT));
        }
    }

    /// Each part alone.
    @Test
    void unwrap_withAnyPartOfTheContextChanged_isRefused() {
        var tenant = IDS.tenantId();
        var row = IDS.next();
        var context = new EncryptionContext(KeyLevel.RECORD, tenant, "a", "b", 3, KeyTier.PRIMARY, row);
        try (var key = DataKey.random(RANDOM)) {
            var wrapped = kms().wrap(kek(), key, context);
            var others = List.of(
                    new EncryptionContext(KeyLevel.CLASS, tenant, "a", "b", 3, KeyTier.PRIMARY, row),
                    new EncryptionContext(KeyLevel.RECORD, IDS.tenantId(), "a", "b", 3, KeyTier.PRIMARY, row),
                    new EncryptionContext(KeyLevel.RECORD, tenant, "c", "b", 3, KeyTier.PRIMARY, row),
                    new EncryptionContext(KeyLevel.RECORD, tenant, "", "b", 3, KeyTier.PRIMARY, row),
                    new EncryptionContext(KeyLevel.RECORD, tenant, "a", "c", 3, KeyTier.PRIMARY, row),
                    new EncryptionContext(KeyLevel.RECORD, tenant, "a", "", 3, KeyTier.PRIMARY, row),
                    new EncryptionContext(KeyLevel.RECORD, tenant, "ab", "", 3, KeyTier.PRIMARY, row),
                    new EncryptionContext(KeyLevel.RECORD, tenant, "b", "a", 3, KeyTier.PRIMARY, row),
                    new EncryptionContext(KeyLevel.RECORD, tenant, "a", "b", 2, KeyTier.PRIMARY, row),
                    new EncryptionContext(KeyLevel.RECORD, tenant, "a", "b", 4, KeyTier.PRIMARY, row),
                    new EncryptionContext(KeyLevel.RECORD, tenant, "a", "b", 3, KeyTier.BACKUP, row),
                    new EncryptionContext(KeyLevel.RECORD, tenant, "a", "b", 3, KeyTier.PRIMARY, IDS.next()),
                    EncryptionContext.ofSecret("node-secret"));
            for (var other : others) {
                refuses(wrapped, other);
            }
            assertThat(kms().unwrap(wrapped, context)).isEqualTo(key);
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
    void unwrap_withAnyBitFlipped_isRefused() {
        var wrapped = wrapped();
        int bits = wrapped.bytes().length * Byte.SIZE;
        int step = bits <= MAX_FLIPS ? 1 : bits / MAX_FLIPS | 1; // odd: meets every place within a byte
        for (int bit = 0; bit < bits; bit += step) {
            byte[] altered = wrapped.bytes();
            altered[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);

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
        refuses(WrappedKey.of(elsewhere(), wrapped.bytes()), CONTEXT, elsewhereCode());
    }

    @Test
    void wrap_underAKekOfAnotherService_isRefused() {
        try (var key = DataKey.random(RANDOM)) {
            assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> kms().wrap(elsewhere(), key, CONTEXT));
        }
    }

    @Test
    void rewrap_underAnotherKek_givesTheSameKeyUnderTheSameContextOnly() {
        try (var key = DataKey.random(RANDOM)) {
            var wrapped = kms().wrap(kek(), key, CONTEXT);

            var moved = kms().rewrap(wrapped, CONTEXT, otherKek());

            assertThat(moved.kek()).isEqualTo(otherKek());
            assertThat(kms().unwrap(moved, CONTEXT)).isEqualTo(key);
            refuses(moved, EncryptionContext.ofSecret("node-secret"));
            refuses(WrappedKey.of(kek(), moved.bytes()), CONTEXT);
            assertThat(kms().unwrap(wrapped, CONTEXT)).as("the old one").isEqualTo(key);
        }
    }

    @Test
    void rewrap_underTheSameKek_givesOtherBytesOfTheSameKey() {
        try (var key = DataKey.random(RANDOM)) {
            var wrapped = kms().wrap(kek(), key, CONTEXT);

            var again = kms().rewrap(wrapped, CONTEXT, kek());

            assertThat(again).isNotEqualTo(wrapped);
            assertThat(kms().unwrap(again, CONTEXT)).isEqualTo(key);
        }
    }

    @Test
    void rewrap_underAnotherContextOrUnknownKek_isRefused() {
        var wrapped = wrapped();

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> kms().rewrap(wrapped, EncryptionContext.ofSecret("node-secret"), otherKek()));
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> kms().rewrap(wrapped, CONTEXT, new KeyUri(kek().scheme() + ":no-such-key")));
    }

    @Test
    void anotherClient_opensWhatThisOneWrapped() {
        try (var other = openAnother();
                var key = DataKey.random(RANDOM)) {
            assertThat(other.unwrap(kms().wrap(kek(), key, CONTEXT), CONTEXT)).isEqualTo(key);
            assertThat(kms().unwrap(other.wrap(kek(), key, CONTEXT), CONTEXT)).isEqualTo(key);
        }
    }

    @Test
    void closed_itAnswersNothingAndTheOthersGoOn() {
        var other = openAnother();
        var wrapped = wrapped();
        other.close();
        other.close();

        try (var key = DataKey.random(RANDOM)) {
            assertThatIllegalStateException().isThrownBy(() -> other.wrap(kek(), key, CONTEXT));
            assertThatIllegalStateException().isThrownBy(() -> other.unwrap(wrapped, CONTEXT));
            kms().unwrap(wrapped, CONTEXT).close();
        }
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
                var kek = i % 2 == 0 ? kek() : otherKek();
                var context = EncryptionContext.of(KeySlot.tenant(IDS.tenantId(), KeyTier.PRIMARY), 1, IDS.next());
                futures.add(executor.submit(() -> {
                    try (var key = DataKey.random(RANDOM)) {
                        var wrapped = kms().wrap(kek, key, context);
                        refuses(wrapped, CONTEXT);
                        try (var back = kms().unwrap(wrapped, context)) {
                            return back.equals(key);
                        }
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
        refuses(wrapped, context, KeysError.WRAPPED_KEY_INVALID);
    }

    private void refuses(WrappedKey wrapped, EncryptionContext context, ErrorCode code) {
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> kms().unwrap(wrapped, context))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(code))
                .withMessageNotContaining(TENANT.toString());
    }
}
