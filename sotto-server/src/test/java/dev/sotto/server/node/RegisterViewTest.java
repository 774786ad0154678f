package dev.sotto.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.TenantId;
import dev.sotto.server.node.RegisterView.Agreement;
import dev.sotto.server.node.RegisterView.Standing;
import java.time.LocalDate;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RegisterViewTest {
    private static final LocalDate FROM = LocalDate.of(2026, 1, 10);
    private static final LocalDate UNTIL = LocalDate.of(2026, 12, 31);
    private static final Agreement BAA = new Agreement(Optional.of("BAA"), Optional.of(FROM), Optional.of(UNTIL));

    @Test
    void standing_overTheLifeOfAnAgreement_isExactToTheDay() {
        assertThat(BAA.on(FROM.minusDays(1))).isEqualTo(new Standing.NotYet(FROM));
        assertThat(BAA.on(FROM)).isEqualTo(new Standing.Active());
        assertThat(BAA.on(UNTIL.minusDays(31))).isEqualTo(new Standing.Active());
        assertThat(BAA.on(UNTIL.minusDays(30))).isEqualTo(new Standing.Ending(30));
        assertThat(BAA.on(UNTIL)).isEqualTo(new Standing.Ending(0));
        assertThat(BAA.on(UNTIL.plusDays(1))).isEqualTo(new Standing.Expired(UNTIL));
    }

    @Test
    void standing_withoutAgreementOrEnd_isMissingOrActive() {
        assertThat(Agreement.none().on(FROM)).isEqualTo(new Standing.Missing());
        assertThat(new Agreement(Optional.of("DPA"), Optional.empty(), Optional.empty()).on(UNTIL))
                .isEqualTo(new Standing.Active());
    }

    @Test
    void none_hasNoRuleAndNobody() {
        assertThat(GuardView.none().policy(TenantId.OPERATOR).installed()).isFalse();
        assertThat(GuardView.none().policy(TenantId.OPERATOR).rules()).isEmpty();
        assertThat(GuardView.none().register(TenantId.OPERATOR).processors()).isEmpty();
    }
}
