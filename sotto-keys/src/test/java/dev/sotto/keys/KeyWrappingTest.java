package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.IntegrityException;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class KeyWrappingTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final EncryptionContext CONTEXT = EncryptionContext.ofSecret("node-secret");

    @Test
    void unwrap_underTheSameKeyAndContextOnly_givesTheKeyBack() {
        try (var under = DataKey.random(RANDOM);
                var other = DataKey.random(RANDOM);
                var key = DataKey.random(RANDOM)) {
            byte[] wrapped = KeyWrapping.wrap(under, key, CONTEXT, RANDOM);

            assertThat(wrapped).hasSize(KeyWrapping.LENGTH);
            assertThat(KeyWrapping.unwrap(under, wrapped, CONTEXT)).isEqualTo(key);
            refuses(other, wrapped, CONTEXT);
            refuses(under, wrapped, EncryptionContext.ofSecret("another-secret"));
            for (int at = 0; at < wrapped.length; at++) {
                byte[] altered = wrapped.clone();
                altered[at] ^= 1;
                refuses(under, altered, CONTEXT);
            }
        }
    }

    private static void refuses(DataKey under, byte[] wrapped, EncryptionContext context) {
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> KeyWrapping.unwrap(under, wrapped, context));
    }
}
