package dev.sotto.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class EgressDoorTest {
    @Test
    void denyAll_anyDisclosure_isDeniedByName() {
        var disclosure = new Disclosure(
                TenantId.OPERATOR,
                Optional.empty(),
                "model",
                DataClass.TRANSCRIPT,
                "language-model",
                SensitiveText.of("hello"));

        assertThat(EgressDoor.denyAll().decide(disclosure)).isEqualTo(new EgressDoor.Verdict.Denied("no-guard"));
    }
}
