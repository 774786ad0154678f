package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.store.CallOutcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What is made of a call without a model, and what of a model's answer is believed.
class WrapUpRulesTest {
    private static final Instant NOW = Instant.parse("2026-03-02T09:30:00Z");

    private static CallFacts facts(CallOutcome outcome, boolean verified, Set<String> tools, String... said) {
        return new CallFacts(outcome, verified, tools, List.of(said));
    }

    private static String summary(CallFacts facts) {
        return WrapUpRules.summary(facts, "no_model", NOW).text().redacted();
    }

    private static int score(CallFacts facts) {
        return WrapUpRules.analytics(facts, "no_model", NOW).leadScore();
    }

    @Test
    void summary_tellsTheFacts() {
        assertThat(summary(facts(CallOutcome.HUNG_UP, true, Set.of("verify_identity: verified", "book: booked"))))
                .isEqualTo("The caller was verified. An appointment was booked. The caller hung up.");
        assertThat(summary(facts(CallOutcome.VOICEMAIL, false, Set.of("verify_identity: locked"))))
                .isEqualTo("The caller could not be verified. The caller left a message, which waits to be heard.");
        assertThat(summary(facts(CallOutcome.LOST, false, Set.of())))
                .isEqualTo("Nothing was asked for. The line was lost.");
    }

    @Test
    void summary_saysWhoMadeIt() {
        var made = WrapUpRules.summary(facts(CallOutcome.COMPLETED, false, Set.of()), "denied", NOW);

        assertThat(made.maker().by()).isEqualTo("rules-1");
        assertThat(made.maker().reason()).isEqualTo("denied");
    }

    @Test
    void leadScore_isTheSumOfItsGrounds() {
        var booked = facts(CallOutcome.COMPLETED, true, Set.of("book: booked", "book: 3 offered"));
        var made = WrapUpRules.analytics(booked, "no_model", NOW);

        assertThat(made.leadScore()).isEqualTo(95);
        assertThat(made.grounds())
                .containsExactly(
                        "every call +20",
                        "identity verified +15",
                        "free times asked for +15",
                        "appointment booked +40",
                        "how it ended +5");
        assertThat(score(facts(CallOutcome.HUNG_UP, false, Set.of()))).isZero();
        assertThat(score(facts(CallOutcome.HUNG_UP, true, Set.of("cancel: cancelled"))))
                .isEqualTo(15);
        assertThat(score(facts(
                        CallOutcome.TRANSFERRED,
                        true,
                        Set.of("book: booked", "book: 3 offered"),
                        "great, thanks so much, wonderful")))
                .isEqualTo(100);
    }

    @Test
    void everyGround_standsInTheGuide() throws Exception {
        String guide = Files.readString(Path.of("..", "docs", "guides", "after-the-call.md"));
        var all = facts(
                CallOutcome.COMPLETED,
                true,
                Set.of("book: booked", "book: 3 offered", "lookup_appointment: 1 record read", "cancel: cancelled"),
                "this is terrible, awful, horrible");

        assertThat(WrapUpRules.analytics(all, "", NOW).grounds())
                .hasSize(8)
                .allSatisfy(ground ->
                        assertThat(guide).contains("| " + ground.substring(0, ground.lastIndexOf(' ')) + " |"));
    }

    @Test
    void sentiment_followsTheWords() {
        assertThat(SentimentWords.of(List.of("Hello, I need an appointment."))).isEmpty();
        assertThat(SentimentWords.of(List.of("Thank you, that is wonderful.", "Great!")))
                .isEqualTo(OptionalDouble.of(0.67));
        assertThat(SentimentWords.of(List.of("This is ridiculous and unacceptable, I am furious.")))
                .isEqualTo(OptionalDouble.of(-1));
        assertThat(SentimentWords.of(List.of("That is not good.")).orElseThrow())
                .isNegative();
        assertThat(SentimentWords.of(List.of("No problem.")).orElseThrow()).isPositive();
    }

    private static boolean isSummary(String answer) {
        return WrapUpJson.summary(SensitiveText.of(answer)).isPresent();
    }

    private static boolean isScores(String answer) {
        return WrapUpJson.scores(SensitiveText.of(answer)).isPresent();
    }

    @Test
    void summaryOfAModel_isBelievedOnlyIfItIsExactlyThat() {
        assertThat(isSummary("{\"summary\":\"The caller booked.\"}")).isTrue();
        assertThat(isSummary("```json\n{\"summary\":\"The caller booked.\"}\n```"))
                .isTrue();
        for (String wrong : List.of(
                "The caller booked.",
                "",
                "```",
                "```\n```",
                "[]",
                "{\"summary\":\"\"}",
                "{\"summary\":7}",
                "{\"summary\":\"a\",\"more\":1}",
                "{\"summary\":\"a\",\"summary\":\"b\"}",
                "{\"summary\":\"a\"} and more",
                "{\"summary\":\"a\"",
                "{\"summary\":\"" + "a".repeat(WrapUpJson.MAX_SUMMARY + 1) + "\"}")) {
            assertThat(isSummary(wrong)).as(wrong).isFalse();
        }
    }

    @Test
    void scoresOfAModel_areBelievedOnlyInTheirRanges() {
        assertThat(isScores("{\"sentiment\":-1,\"lead_score\":100}")).isTrue();
        assertThat(isScores("{\"sentiment\":0.25,\"lead_score\":0}")).isTrue();
        for (String wrong : List.of(
                "{\"sentiment\":1.01,\"lead_score\":50}",
                "{\"sentiment\":\"good\",\"lead_score\":50}",
                "{\"sentiment\":0.5,\"lead_score\":101}",
                "{\"sentiment\":0.5,\"lead_score\":-1}",
                "{\"sentiment\":0.5,\"lead_score\":50.5}",
                "{\"sentiment\":0.5,\"lead_score\":99999999999}",
                "{\"sentiment\":NaN,\"lead_score\":5}",
                "{\"sentiment\":0.5}",
                "{\"sentiment\":0.5,\"lead_score\":50,\"why\":\"x\"}")) {
            assertThat(isScores(wrong)).as(wrong).isFalse();
        }
    }
}
