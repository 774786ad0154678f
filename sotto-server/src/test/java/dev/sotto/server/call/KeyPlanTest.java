package dev.sotto.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import java.util.List;
import org.junit.jupiter.api.Test;

final class KeyPlanTest {
    private static List<String> groups(String digits) {
        return KeyPlan.parse(digits).groups().stream()
                .map(SensitiveText::reveal)
                .toList();
    }

    @Test
    void parse_pounds_endGroups() {
        assertThat(groups("19840512#4417#")).containsExactly("19840512#", "4417#");
        assertThat(groups("19840512#4417#3")).containsExactly("19840512#", "4417#", "3");
        assertThat(groups("##")).containsExactly("#", "#");
    }

    @Test
    void parse_spaces_endGroups() {
        assertThat(groups("*1")).containsExactly("*1");
        assertThat(groups(" 3  1 *0 ")).containsExactly("3", "1", "*0");
        assertThat(groups("12# 34#")).containsExactly("12#", "34#");
        assertThat(groups("")).isEmpty();
    }

    @Test
    void parse_notAKey_isRefusedWithoutShowingWhatWasKeyed() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> KeyPlan.parse("1984-05"))
                .withMessageContaining("character 5")
                .withMessageNotContaining("1984");
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> KeyPlan.parse("1".repeat(257)))
                .withMessageContaining("257 keys");
    }

    @Test
    void toString_holdsNoKey() {
        assertThat(KeyPlan.parse("19840512#4417#")).hasToString("KeyPlan[2 groups]");
    }
}
