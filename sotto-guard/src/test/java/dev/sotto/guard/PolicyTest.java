package dev.sotto.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sotto.core.DataClass;
import dev.sotto.core.RejectedException;
import dev.sotto.testkit.Samples;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
    private static final String REGISTER = GuardRules.shippedRegister();
    private static final String POLICY = GuardRules.shippedPolicy();

    private static String problems(String policy, String register) {
        return catchThrowableOfType(RejectedException.class, () -> GuardRules.parse(policy, register))
                .getMessage();
    }

    @Test
    void shippedRules_holdTogether_andKnowNobodyOutside() {
        GuardRules shipped = GuardRules.shipped();

        assertThat(shipped.label()).matches("healthcare-1\\+demo-1@[0-9a-f]{12}");
        assertThat(shipped.register().processors())
                // who writes in the chat is the caller, and is wherever callers are
                .allSatisfy(processor -> assertThat(processor.id().equals("chat-visitor")
                                || processor.region().equals("on-premises"))
                        .as(processor.id())
                        .isTrue())
                .extracting(SubProcessor::id)
                .containsExactlyInAnyOrder(
                        "chat-visitor",
                        "demo-mail",
                        "demo-webhook",
                        "local-records",
                        "local-tools",
                        "local-voice",
                        "simulator");
        assertThat(shipped.register().find("chat-visitor").orElseThrow().purposes())
                .as("the caller is told answers, and nothing is done with them")
                .containsExactly("chat-reply");
        for (String id : new String[] {"simulator", "demo-mail", "demo-webhook"}) {
            assertThat(shipped.register().find(id).orElseThrow().name()).containsIgnoringCase("simulator");
        }
        assertThat(shipped.policy().rules())
                .allSatisfy(rule -> assertThat(rule.verticals()).containsExactly("healthcare"));
    }

    @Test
    void shippedPolicy_toAModel_letsNoDirectIdentifierThrough() {
        Rule rule = GuardRules.shipped().policy().rules().getFirst();

        for (EntityType type : EntityType.values()) {
            assertThat(rule.operator(type) == Operator.KEEP).as("%s", type).isEqualTo(type == EntityType.DATE);
        }
    }

    @Test
    void label_afterOneChangedCharacter_isAnother() {
        assertThat(GuardRules.parse(POLICY + "\n", REGISTER).label())
                .isNotEqualTo(GuardRules.shipped().label());
    }

    @Test
    void everyProblem_isSaidAtOnce_withItsPath() {
        var message = problems("""
                sotto-policy: 2
                version: "a b"
                colour: red
                rules:
                  - id: No-Rule
                    data: [transcript, secrets]
                    destinations: [nobody]
                    purposes: "Language Model"
                    entities: {PHONE: shout, HAIR: keep, CREDIT_CARD: keep, CVV: hash}
                    restore: always
                    streams: perhaps
                  - id: no-rule
                    data: transcript
                    purposes: language-model
                """, """
                sotto-register: 1
                version: r
                processors:
                  - id: simulator
                    name: ""
                    data: transcript
                    purposes: language-model
                    region: here
                    agreement: {status: signed, from: 2026-02-30, until: tomorrow}
                    retention: none
                  - {id: simulator}
                """);

        assertThat(message)
                .contains(
                        "policy.sotto-policy must be 1",
                        "policy.version must be",
                        "policy has an unknown key (colour)",
                        "policy.rules[0].id must be",
                        "policy.rules[0].data[1] must be the code of a data class",
                        "policy.rules[0].destinations[0] must be an id of the register, or *",
                        "policy.rules[0].purposes must be",
                        "policy.rules[0].entities.PHONE must be one of keep,",
                        "policy.rules[0].entities.HAIR must be a known entity type, or *",
                        "policy.rules[0].entities.CREDIT_CARD must not be keep",
                        "policy.rules[0].entities.CVV must not be hash",
                        "policy.rules[0].restore must be one of",
                        "policy.rules[0].streams must be true or false",
                        "policy.rules[1].id must be", // a reason of the guard itself
                        "policy.rules[1] must have the key destinations",
                        "policy.rules[1] must have the key entities, or streams: true",
                        "register.processors[0].name must be",
                        "register.processors[0].agreement.from must be a day",
                        "register.processors[0].agreement.until must be a day",
                        "register.processors[1] must have the key name",
                        "register.processors[1] must have an id of its own",
                        "hint: docs/guides/policy.md");
    }

    @Test
    void twoRulesOfOneId_areRefused() {
        var rule = "  - {id: a, data: transcript, destinations: simulator, purposes: language-model, streams: true}\n";

        assertThat(problems("sotto-policy: 1\nversion: v\nrules:\n" + rule + rule, REGISTER))
                .contains("policy.rules[1] must have an id of its own");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "- 1",
                "just words",
                "a: [",
                "a: 1\na: 2",
                "--- 1\n--- 2",
                "a: !!java.io.File [/etc/passwd]",
                "? [a, b]\n: c",
                "a: &a [*a]",
                "\u0000",
                "rules: {}",
                "rules: []",
                "rules: [[]]"
            })
    void whatIsNoPolicy_isRefused(String yaml) {
        assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> GuardRules.parse(yaml, REGISTER));
        assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> GuardRules.parse(POLICY, yaml));
    }

    @Test
    void aliasesThatGrow_areRefused() {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++) {
            bomb.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ",").repeat(10)));
        }
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> GuardRules.parse(bomb.toString(), REGISTER))
                .withMessageContaining("policy");
    }

    @Test
    void depthAndSize_beyondTheLimits_areRefused() {
        assertThat(problems("a: " + "[".repeat(10_000) + "]".repeat(10_000), REGISTER))
                .contains("policy");
        assertThat(problems("a: " + "[".repeat(40) + "]".repeat(40), REGISTER)).contains("policy");
        assertThat(problems("# " + "x".repeat(YamlNode.MAX_CHARACTERS), REGISTER))
                .contains("must have at most");
        assertThat(problems("a: [" + "x,".repeat(30_000) + "]", REGISTER)).contains("must have at most");
    }

    @Test
    void damagedFiles_neverAllowMoreThanTheWholeOnes() {
        var whole = GuardRules.shipped();
        Samples.forAll(60, random -> POLICY.substring(0, random.nextInt(POLICY.length())), cut -> {
            GuardRules rules;
            try {
                rules = GuardRules.parse(cut, REGISTER);
            } catch (RejectedException refused) {
                return;
            }
            for (Rule rule : rules.policy().rules()) {
                for (EntityType type : EntityType.values()) {
                    Rule before = whole.policy().rules().stream()
                            .filter(candidate -> candidate.id().equals(rule.id()))
                            .findFirst()
                            .orElseThrow();
                    assertThat(rule.operator(type)).isIn(before.operator(type), Operator.DENY);
                }
            }
        });
    }

    @Test
    void agreement_isActiveOnItsFirstAndLastDay() {
        var signed = new Agreement.Signed(LocalDate.of(2026, 1, 1), LocalDate.of(2026, 12, 31));

        assertThat(List.of("2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01"))
                .extracting(day -> signed.activeOn(LocalDate.parse(day)))
                .containsExactly(false, true, true, false);
        assertThat(new Agreement.Absent().activeOn(LocalDate.EPOCH)).isFalse();
    }

    @Test
    void firstRuleThatMatches_decides() {
        var rules = GuardRules.parse("""
                sotto-policy: 1
                version: v
                rules:
                  - {id: one, verticals: healthcare, data: transcript, destinations: simulator, purposes: summary, entities: {"*": drop}}
                  - {id: two, data: [transcript, summary], destinations: "*", purposes: "*", entities: {PHONE: keep}}
                """, REGISTER);

        assertThat(ruleFor(rules, "healthcare", DataClass.TRANSCRIPT, "summary"))
                .isEqualTo("one");
        assertThat(ruleFor(rules, "retail", DataClass.TRANSCRIPT, "summary")).isEqualTo("two");
        assertThat(ruleFor(rules, "healthcare", DataClass.SUMMARY, "summary")).isEqualTo("two");
        assertThat(ruleFor(rules, "healthcare", DataClass.RECORDING, "summary")).isEqualTo("class-not-listed?");
    }

    private static String ruleFor(GuardRules rules, String vertical, DataClass dataClass, String purpose) {
        return rules.policy()
                .ruleFor(new Act(vertical, dataClass, "simulator", purpose, false))
                .map(Rule::id)
                .orElse("class-not-listed?");
    }
}
