package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.security.SecureRandom;
import java.util.Arrays;
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

    @Test
    void serialize_isRefused() throws Exception {
        try (var out = new ObjectOutputStream(new ByteArrayOutputStream())) {
            assertThatExceptionOfType(NotSerializableException.class)
                    .isThrownBy(() -> out.writeObject(DataKey.random(new SecureRandom())));
        }
    }
}
