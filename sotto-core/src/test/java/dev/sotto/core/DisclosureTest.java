package dev.sotto.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DisclosureTest {
    private static final SensitiveText PIECE = SensitiveText.of("hello");

    @Test
    void disclosure_ofNothing_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> of(List.of()));
    }

    @Test
    void disclosure_ofMoreThanOneAct_isRefused() {
        assertThat(of(Collections.nCopies(Disclosure.MAX_PIECES, PIECE)).pieces())
                .hasSize(Disclosure.MAX_PIECES);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(Collections.nCopies(Disclosure.MAX_PIECES + 1, PIECE)))
                .withMessageNotContaining("hello");
    }

    @Test
    void disclosure_whoseListChangesAfterwards_staysAsItWas() {
        var pieces = new ArrayList<>(List.of(PIECE));
        var disclosure = of(pieces);
        pieces.add(PIECE);

        assertThat(disclosure.pieces()).containsExactly(PIECE);
    }

    @Test
    void disclosure_printed_holdsNoText() {
        assertThat(of(List.of(PIECE)).toString()).doesNotContain("hello");
    }

    private static Disclosure of(List<SensitiveText> pieces) {
        return new Disclosure(
                TenantId.OPERATOR, Optional.empty(), "model", DataClass.TRANSCRIPT, "language-model", pieces);
    }
}
