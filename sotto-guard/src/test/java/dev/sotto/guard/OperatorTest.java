package dev.sotto.guard;

import static dev.sotto.guard.GuardRig.CALL;
import static dev.sotto.guard.GuardRig.CLINIC;
import static dev.sotto.guard.GuardRig.OTHER;
import static dev.sotto.guard.GuardRig.act;
import static dev.sotto.guard.GuardRig.rulesWith;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.Samples;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OperatorTest {
    private static final List<EntityType> TYPES = List.of(EntityType.values());

    private final GuardRig rig = new GuardRig();

    private String with(String operator, String text) {
        rig.rules.set(rulesWith("entities: {\"*\": %s}".formatted(operator)));
        return rig.sent(text);
    }

    @Test
    void eachOperator_onAPhoneNumber_doesWhatItSays() {
        var text = "call 415-555-0123 now";

        assertThat(with("keep", text)).isEqualTo(text);
        assertThat(with("mask", text)).isEqualTo("call **** now");
        assertThat(with("mask-keep-last-4", text)).isEqualTo("call ****0123 now");
        assertThat(with("replace", text)).isEqualTo("call <PHONE> now");
        assertThat(with("drop", text)).isEqualTo("call  now");
        assertThat(with("hash", text)).matches("call <PHONE:[0-9a-f]{32}> now");
    }

    @Test
    void maskKeepLast4_onAShortValue_keepsNothing() {
        assertThat(with("mask-keep-last-4", "the last four digits of my phone are 0123"))
                .isEqualTo("the last four digits of my phone are ****");
    }

    @Test
    void hash_ofOneValue_isTheSameHoweverItIsSaid_andAnotherOneForAnotherTenant() {
        var written = with("hash", "my cell is 415-555-0123");
        var spoken = with("hash", "my cell is four one five five five five oh one two three");
        var other = rig.sent(act(OTHER, Optional.of(CALL), "simulator", "language-model", "my cell is 415-555-0123"))
                .getFirst();

        assertThat(spoken).isEqualTo(written);
        assertThat(other).isNotEqualTo(written);
    }

    @Test
    void hash_underAKnownKey_hasThePinnedBytes() {
        // python3: hmac.new(b"0123456789abcdef0123456789abcdef", b"sotto-guard-hash-v1\0" + (1).to_bytes(8) * 2
        //          + b"PHONE\0" + b"4155550123", "sha256").hexdigest()[:32]
        assertThat(GuardRig.HASH_KEY.hash(CLINIC, EntityType.PHONE, "4155550123"))
                .isEqualTo("e5645814038909538d74cda84c11da65");
    }

    @Test
    void cardsAndCheckValues_whateverThePolicySays_areNotKept() {
        var text = "my card is 4242 4242 4242 4242, cvv 123";

        assertThat(with("keep", text)).isEqualTo("my card is <CREDIT_CARD>, cvv <CVV>");
        assertThat(with("tokenise", text)).isEqualTo("my card is <CREDIT_CARD>, cvv <CVV>");
        assertThat(with("mask-keep-last-4", text)).isEqualTo("my card is ****4242, cvv <CVV>");
        assertThat(with("hash", text)).doesNotContain("4242").endsWith("cvv <CVV>");
        for (Operator operator : Operator.values()) {
            if (operator != Operator.DENY) {
                assertThat(with(operator.code(), text)).doesNotContain("4242 4242", "123");
            }
        }
    }

    @Test
    void counts_ofEverythingThatCanHappen_fitAnAuditEntry() {
        var tally = new Tally();
        for (EntityType type : EntityType.values()) {
            for (Operator operator : Operator.values()) {
                tally.add(type, operator);
            }
        }

        assertThat(tally.text())
                .hasSizeLessThanOrEqualTo(512)
                .startsWith("CVV:keep=1,")
                .endsWith(",more");
    }

    @Test
    void findingsThatOverlap_areOneStretch_withTheStricterOperator() {
        var longer = new Finding.Inferred(new Span(0, 10), EntityType.PERSON, 0.9, "a");
        var severe = new Finding.Inferred(new Span(8, 14), EntityType.SSN, 0.5, "b");

        assertThat(Clusters.of(List.of(longer, severe))).singleElement().satisfies(cluster -> {
            assertThat(cluster.span()).isEqualTo(new Span(0, 14));
            assertThat(cluster.type()).isEqualTo(EntityType.PERSON);
            assertThat(cluster.types()).containsExactlyInAnyOrder(EntityType.PERSON, EntityType.SSN);
        });
    }

    @Test
    void findingsOfOneLength_takeTheMoreSevereType_andCardsComeFirst() {
        var date = new Finding.Inferred(new Span(0, 10), EntityType.DATE, 0.9, "a");
        var birth = new Finding.Inferred(new Span(0, 10), EntityType.DOB, 0.9, "b");
        var code = new Finding.Inferred(new Span(4, 7), EntityType.CVV, 0.9, "c");

        assertThat(Clusters.of(List.of(date, birth)).getFirst().type()).isEqualTo(EntityType.DOB);
        assertThat(Clusters.of(List.of(birth, code)).getFirst().type()).isEqualTo(EntityType.CVV);
    }

    @Test
    void clusters_ofAnyFindings_coverAllOfThemAndNeverOverlap() {
        Samples.forAll(
                200,
                random -> {
                    var findings = new ArrayList<Finding>();
                    for (int i = random.nextInt(12); i >= 0; i--) {
                        int start = random.nextInt(60);
                        findings.add(new Finding.Inferred(
                                new Span(start, start + 1 + random.nextInt(12)),
                                TYPES.get(random.nextInt(TYPES.size())),
                                0.5,
                                "any"));
                    }
                    findings.sort(
                            Comparator.comparingInt(finding -> finding.span().start()));
                    return findings;
                },
                findings -> {
                    var clusters = Clusters.of(findings);
                    for (int i = 1; i < clusters.size(); i++) {
                        assertThat(clusters.get(i).span().start())
                                .isGreaterThanOrEqualTo(
                                        clusters.get(i - 1).span().end());
                    }
                    for (Finding finding : findings) {
                        assertThat(clusters)
                                .anyMatch(cluster ->
                                        cluster.span().union(finding.span()).equals(cluster.span())
                                                && cluster.types().contains(finding.type()));
                    }
                });
    }
}
