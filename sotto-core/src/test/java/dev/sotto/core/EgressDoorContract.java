package dev.sotto.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What every [EgressDoor] must do before anything was allowed.
public abstract class EgressDoorContract {
    /// The door under test, with no rule that allows anything.
    protected abstract EgressDoor closedDoor();

    @Test
    public void decide_withoutARule_isDeniedAndNamesWhy() {
        var verdict = closedDoor()
                .decide(new Disclosure(
                        TenantId.OPERATOR,
                        Optional.empty(),
                        "model",
                        DataClass.TRANSCRIPT,
                        "language-model",
                        List.of(SensitiveText.of("hello"), SensitiveText.of("goodbye"))));

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        EgressDoor.Verdict.Denied.class,
                        denied -> assertThat(denied.rule()).isNotBlank().doesNotContain("hello", "goodbye"));
    }

    @Test
    public void grant_withoutARule_isDeniedAndNamesWhy() {
        var admission = closedDoor()
                .grant(new StreamDisclosure(
                        TenantId.OPERATOR, Optional.empty(), "model", DataClass.RECORDING, "transcription"));

        assertThat(admission)
                .isInstanceOfSatisfying(
                        Admission.Denied.class,
                        denied -> assertThat(denied.rule()).isNotBlank());
    }
}
