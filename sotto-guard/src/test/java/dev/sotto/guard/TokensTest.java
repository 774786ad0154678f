package dev.sotto.guard;

import static dev.sotto.guard.GuardRig.CALL;
import static dev.sotto.guard.GuardRig.CLINIC;
import static dev.sotto.guard.GuardRig.OTHER;
import static dev.sotto.guard.GuardRig.SECOND_CALL;
import static dev.sotto.guard.GuardRig.act;
import static dev.sotto.guard.GuardRig.toModel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Tokens within a call and beyond it.
class TokensTest {
    private final GuardRig rig = new GuardRig();

    private String toTools(TenantId tenant, CallId call, String text) {
        return rig.sent(act(tenant, Optional.of(call), "local-tools", "tool-arguments", text))
                .getFirst();
    }

    private String toVoice(String text) {
        return rig.sent(act(CLINIC, Optional.of(CALL), "local-voice", "speech-synthesis", text))
                .getFirst();
    }

    @Test
    void token_ofTheSameValueSaidInAnotherWay_isTheSame() {
        rig.guard.openCall(CLINIC, CALL);

        assertThat(rig.sent("my number is 415-555-0123")).isEqualTo("my number is <PHONE_1>");
        assertThat(rig.sent("call me at four one five, five five five, oh one two three"))
                .isEqualTo("call me at <PHONE_1>");
        assertThat(rig.sent("my cell is 415-555-0199")).isEqualTo("my cell is <PHONE_2>");
    }

    @Test
    void restore_forATool_givesTheNormalForm() {
        rig.guard.openCall(CLINIC, CALL);
        rig.sent("i was born on march fourteenth nineteen eighty four");

        assertThat(toTools(CLINIC, CALL, "{\"birth_date\":\"<DOB_1>\"}")).isEqualTo("{\"birth_date\":\"19840314\"}");
        assertThat(rig.audit.events().getLast().details()).containsEntry("restored", "1");
    }

    @Test
    void restore_forAVoice_givesWhatWasSaid() {
        rig.guard.openCall(CLINIC, CALL);
        rig.sent("my birthday is march fourteenth nineteen eighty four");

        assertThat(toVoice("You were born <DOB_1>, right?"))
                .isEqualTo("You were born march fourteenth nineteen eighty four, right?");
    }

    @Test
    void restore_ofATokenThatAModelInvented_givesNothingAndIsCounted() {
        rig.guard.openCall(CLINIC, CALL);

        assertThat(toTools(CLINIC, CALL, "{\"birth_date\":\"<DOB_7>\"}")).isEqualTo("{\"birth_date\":\"\"}");
        assertThat(rig.audit.events().getLast().details())
                .containsEntry("unknown_tokens", "1")
                .containsEntry("restored", "0");
    }

    @Test
    void restore_inAnotherCallOrTenant_givesNothing() {
        rig.guard.openCall(CLINIC, CALL);
        rig.guard.openCall(CLINIC, SECOND_CALL);
        rig.guard.openCall(OTHER, CALL);
        rig.sent("my number is 415-555-0123");

        assertThat(toTools(CLINIC, CALL, "<PHONE_1>")).isEqualTo("4155550123");
        assertThat(toTools(CLINIC, SECOND_CALL, "<PHONE_1>")).isEmpty();
        assertThat(toTools(OTHER, CALL, "<PHONE_1>")).isEmpty();
    }

    @Test
    void restore_forAPurposeThatMayNot_leavesTheToken() {
        rig.guard.openCall(CLINIC, CALL);
        rig.sent("my number is 415-555-0123");

        assertThat(rig.sent("what is <PHONE_1>?")).isEqualTo("what is <PHONE_1>?");
    }

    @Test
    void restore_ofATypeThatTheRuleDoesNotKeep_leavesTheToken() {
        rig.guard.openCall(CLINIC, CALL);
        rig.sent("my account number is 000123456789");

        assertThat(toVoice("It is <ACCOUNT_1>.")).isEqualTo("It is <ACCOUNT_1>.");
    }

    @Test
    void restore_afterTheCallWasClosed_givesNothing() {
        var open = rig.guard.openCall(CLINIC, CALL);
        rig.sent("my number is 415-555-0123");
        open.close();

        assertThat(toTools(CLINIC, CALL, "<PHONE_1>")).isEmpty();
    }

    @Test
    void restore_ofSomethingWithAQuote_cannotEndAJsonString() {
        rig.guard.openCall(CLINIC, CALL);
        rig.sent("my number is 415-\n555\t\"0123, my name is jane\n doe");

        var arguments = toTools(CLINIC, CALL, "{\"a\":\"<PHONE_1>\",\"b\":\"<PERSON_1>\"}");
        assertThat(arguments).doesNotContain("\n", "\t").matches("\\{\"a\":\"[^\"\\\\]*\",\"b\":\"[^\"\\\\]*\"}");
        assertThat(toVoice("<PERSON_1>")).isEqualTo("jane  doe");
    }

    @Test
    void token_ofACard_isNeverGivenAndNeverComesBack() {
        rig.guard.openCall(CLINIC, CALL);
        rig.rules.set(GuardRig.rulesWith("entities: {\"*\": tokenise}"));

        assertThat(rig.sent("my card is 4242 4242 4242 4242 and the cvv is 123"))
                .isEqualTo("my card is <CREDIT_CARD> and the cvv is <CVV>");
        rig.rules.set(GuardRules.shipped());
        assertThat(toTools(CLINIC, CALL, "<CREDIT_CARD_1><CVV_1>")).isEmpty();
    }

    @Test
    void tokens_beyondTheLimitOfACall_becomeTheirType() {
        rig.guard.openCall(CLINIC, CALL);
        IntStream.range(0, TokenVault.MAX_TOKENS).forEach(i -> rig.sent("my cell is 415-555-%04d".formatted(i)));

        assertThat(rig.sent("my cell is 415-556-0000")).isEqualTo("my cell is <PHONE>");
        assertThat(rig.sent("my cell is 415-555-0007")).isEqualTo("my cell is <PHONE_8>");
    }

    @Test
    void placeholder_inAText_isNoCueForWhatStandsBesideIt() {
        rig.guard.openCall(CLINIC, CALL);

        assertThat(rig.sent("<DOB_1> wants to come on March 3rd")).isEqualTo("<DOB_1> wants to come on March 3rd");
        assertThat(rig.sent(toModel("is <SSN> 1234 right"))).containsExactly("is <SSN> 1234 right");
    }
}
