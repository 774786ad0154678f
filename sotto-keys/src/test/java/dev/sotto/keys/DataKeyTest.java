package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class DataKeyTest {
    @Test
    void toString_saysNothing() {
        assertThat(DataKey.random(new SecureRandom())).hasToString("[REDACTED]");
    }

    @Test
    void equals_comparesBytes() {
        byte[] bytes = new byte[32];
        bytes[31] = 1;

        assertThat(DataKey.copyOf(bytes)).isEqualTo(DataKey.copyOf(bytes)).isNotEqualTo(DataKey.copyOf(new byte[32]));
        assertThat(DataKey.copyOf(bytes)).hasSameHashCodeAs(DataKey.copyOf(new byte[32]));
    }

    @Test
    void close_endsTheKeyButNotItsCopies() {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) 9);
        var key = DataKey.copyOf(bytes);
        var copy = key.copy();

        key.close();
        key.close();

        assertThat(copy.reveal()).isEqualTo(bytes);
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(key::reveal);
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(key::copy);
        assertThat(key).isNotEqualTo(copy).isNotEqualTo(DataKey.copyOf(new byte[32]));
    }

    @Test
    void copyOf_doesNotShareItsBytes() {
        byte[] bytes = new byte[32];
        var key = DataKey.copyOf(bytes);
        bytes[0] = 1;
        key.reveal()[1] = 1;

        assertThat(key.reveal()).isEqualTo(new byte[32]);
    }

    @Test
    void copyOf_anotherLength_isRefused() {
        for (int length : new int[] {0, 16, 31, 33}) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> DataKey.copyOf(new byte[length]));
        }
    }

    /// RFC 5869, appendix A.3, and what a node's passwords were derived as since its first version.
    @Test
    void derive_isHkdfExpand() {
        var prk = DataKey.copyOf(
                HexFormat.of().parseHex("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04"));
        byte[] counting = new byte[32];
        for (int i = 0; i < counting.length; i++) {
            counting[i] = (byte) i;
        }

        assertThat(prk.derive(""))
                .asHexString()
                .isEqualToIgnoringCase("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
        assertThat(DataKey.copyOf(counting).derive("sotto node secret 1: authority"))
                .asHexString()
                .isEqualToIgnoringCase("7a251f96172d664b934b0887eba945c8712d37fb0fe671b2c722831e8e0c88c2");
        prk.close();
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> prk.derive(""));
    }

    @Test
    void serialize_isRefused() throws Exception {
        try (var out = new ObjectOutputStream(new ByteArrayOutputStream())) {
            assertThatExceptionOfType(NotSerializableException.class)
                    .isThrownBy(() -> out.writeObject(DataKey.random(new SecureRandom())));
        }
    }
}
