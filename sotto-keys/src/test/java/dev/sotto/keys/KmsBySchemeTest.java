package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;

class KmsBySchemeTest extends KmsContract {
    private static final EncryptionContext CONTEXT = EncryptionContext.ofSecret("node-secret");

    private final FakeKms fake = new FakeKms();
    private final Kms other = new Other(new FakeKms());
    private final KmsByScheme both = new KmsByScheme(List.of(fake, other));

    /// The fake under another scheme.
    private record Other(FakeKms behind) implements Kms {
        @Override
        public String scheme() {
            return "other";
        }

        @Override
        public WrappedKey wrap(KeyUri kek, DataKey key, EncryptionContext context) {
            return WrappedKey.of(kek, behind.wrap(FakeKms.PRIMARY, key, context).bytes());
        }

        @Override
        public DataKey unwrap(WrappedKey wrapped, EncryptionContext context) {
            return behind.unwrap(WrappedKey.of(FakeKms.PRIMARY, wrapped.bytes()), context);
        }
    }

    @Override
    protected Kms kms() {
        return both;
    }

    @Override
    protected KeyUri kek() {
        return FakeKms.PRIMARY;
    }

    @Override
    protected KeyUri otherKek() {
        return FakeKms.BACKUP;
    }

    @Test
    void eachCall_goesToTheServiceOfItsScheme() {
        var key = DataKey.random(new SecureRandom());
        var there = new KeyUri("other:tenant-7");

        var wrapped = both.wrap(there, key, CONTEXT);

        assertThat(wrapped.kek()).isEqualTo(there);
        assertThat(other.unwrap(wrapped, CONTEXT)).isEqualTo(key);
        assertThat(both.unwrap(wrapped, CONTEXT)).isEqualTo(key);
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> both.unwrap(WrappedKey.of(FakeKms.PRIMARY, wrapped.bytes()), CONTEXT));
        fake.rotate();
        assertThat(both.newest(FakeKms.PRIMARY)).isEqualTo(FakeKms.SECOND);
        assertThat(both.newest(there)).isEqualTo(there);
    }

    @Test
    void schemeThatNobodyServes_isRefused() {
        var nowhere = new KeyUri("nowhere:x");
        var key = DataKey.random(new SecureRandom());
        assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> both.wrap(nowhere, key, CONTEXT));
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> both.unwrap(WrappedKey.of(nowhere, new byte[105]), CONTEXT));
        assertThat(both.newest(nowhere)).isEqualTo(nowhere);
        assertThatIllegalArgumentException().isThrownBy(() -> new KmsByScheme(List.of(fake, new FakeKms())));
    }
}
