package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class WrappedKeyTest {
    private static final WrappedKey WRAPPED = WrappedKey.of(new KeyUri("local:primary"), new byte[] {1, 2, 3});

    @Test
    void decode_ofWhatWasEncoded_isEqual() {
        assertThat(WrappedKey.decode(WRAPPED.encode())).isEqualTo(WRAPPED);
    }

    @Test
    void decode_cutBeforeTheCiphertextOrMalformed_isRefused() {
        byte[] encoded = WRAPPED.encode();
        for (int length = 0; length <= encoded.length - 3; length++) {
            refuses(Arrays.copyOf(encoded, length));
        }
        for (int at = 0; at < 3; at++) {
            byte[] altered = encoded.clone();
            altered[at] ^= (byte) 0x80;
            refuses(altered);
        }
        byte[] shouting = encoded.clone();
        shouting[3] = 'L';
        refuses(shouting);
        refuses(Arrays.copyOf(encoded, 1 << 20));
    }

    @Test
    void keyUri_ofAnotherForm_isRefused() {
        for (var text :
                new String[] {"", ":", "local", "local:", ":primary", "Local:primary", "local:pri mary", "a:\n"}) {
            assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> new KeyUri(text));
        }
        assertThat(new KeyUri("aws-kms:arn:aws:kms:eu-west-1:1:key/2").scheme()).isEqualTo("aws-kms");
        assertThat(new KeyUri("aws-kms:arn:aws").name()).isEqualTo("arn:aws");
    }

    private static void refuses(byte[] encoded) {
        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> WrappedKey.decode(encoded));
    }
}
