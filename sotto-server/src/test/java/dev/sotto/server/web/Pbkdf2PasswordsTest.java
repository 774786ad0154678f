package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Pbkdf2PasswordsTest {
    private static final String PASSWORD = "correct horse battery";
    private final Pbkdf2Passwords passwords = new Pbkdf2Passwords();

    @Test
    void hash_matchesItsPasswordOnly_andIsSalted() {
        String hash = passwords.encode(PASSWORD);

        assertThat(hash).startsWith(Pbkdf2Passwords.PREFIX).doesNotContain(PASSWORD);
        assertThat(passwords.matches(PASSWORD, hash)).isTrue();
        assertThat(passwords.matches("correct horse batterz", hash)).isFalse();
        assertThat(passwords.encode(PASSWORD)).isNotEqualTo(hash);
    }

    @Test
    void whatCannotBeRight_matchesNothing() {
        String hash = passwords.encode(PASSWORD);

        assertThat(passwords.matches("", hash)).isFalse();
        assertThat(passwords.matches(null, hash)).isFalse();
        assertThat(passwords.matches(PASSWORD, null)).isFalse();
        assertThat(passwords.matches(PASSWORD, "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"))
                .isFalse();
        assertThat(passwords.matches("in the place of one that is too short", Pbkdf2Passwords.NOBODYS.reveal()))
                .isFalse();
    }
}
