package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordsTest {
    private static final SensitiveText EMAIL = SensitiveText.of("a@b.example");
    private final Passwords passwords = new Passwords();

    @Test
    void hash_isArgon2idAndMatchesItsPasswordOnly() {
        SensitiveText hash = passwords.hash(SensitiveText.of("correct horse battery"));

        assertThat(hash.reveal()).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
        assertThat(passwords.matches(SensitiveText.of("correct horse battery"), hash))
                .isTrue();
        assertThat(passwords.matches(SensitiveText.of("correct horse batterz"), hash))
                .isFalse();
        assertThat(passwords.hash(SensitiveText.of("correct horse battery"))).isNotEqualTo(hash);
        assertThat(passwords.matchesNobody(SensitiveText.of("the password of nobody")))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "elevenchars", "aaaaaaaaaaaaaaaa", "abababababababab", "x A@B.example x 12"})
    void objection_weakPassword_saysWhyWithoutRepeatingIt(String weak) {
        assertThat(Passwords.objection(SensitiveText.of(weak), EMAIL))
                .hasValueSatisfying(words ->
                        assertThat(weak.isEmpty() || !words.contains(weak)).isTrue());
    }

    @Test
    void objection_lengthInCodePoints_isMinAndMaxInclusive() {
        assertThat(Passwords.objection(SensitiveText.of("twelve-chars"), EMAIL)).isEmpty();
        assertThat(Passwords.objection(SensitiveText.of("abcd".repeat(64)), EMAIL))
                .isEmpty();
        assertThat(Passwords.objection(SensitiveText.of("abcd".repeat(64) + "e"), EMAIL))
                .isPresent();
    }
}
