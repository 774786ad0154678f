package dev.sotto.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Serializable;
import org.junit.jupiter.api.Test;

class SensitiveTextTest {
    @Test
    void toString_neverHoldsTheText() {
        var secret = SensitiveText.of("jane doe");

        assertThat(secret).hasToString("[REDACTED]");
        assertThat("%s %s".formatted(secret, new Holder(secret))).doesNotContain("jane");
        assertThat(secret.reveal()).isEqualTo("jane doe");
    }

    @Test
    void equals_comparesContents() {
        assertThat(SensitiveText.of("a")).isEqualTo(SensitiveText.of("a")).isNotEqualTo(SensitiveText.of("b"));
        assertThat(SensitiveText.of("a")).isNotInstanceOf(Serializable.class);
    }

    private record Holder(SensitiveText text) {}
}
