package dev.sotto.agent;

import dev.sotto.store.CallAnalytics;
import dev.sotto.store.CallSummary;
import dev.sotto.store.Maker;
import dev.sotto.store.TurnText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// Summary, sentiment and lead score without a model: the facts in sentences, a word list, a table. The table stands in
/// `docs/guides/after-the-call.md`.
final class WrapUpRules {
    /// What they are called where it is said who made something.
    static final String NAME = "rules-1";

    private static final int BASE = 20;
    private static final double CLEARLY = 0.3;

    private WrapUpRules() {}

    static CallSummary summary(CallFacts facts, String reason, Instant now) {
        return new CallSummary(new Maker(NAME, reason), now, TurnText.clear(String.join(" ", sentences(facts))));
    }

    private static List<String> sentences(CallFacts facts) {
        var sentences = new ArrayList<String>();
        if (facts.verified()) {
            sentences.add("The caller was verified.");
        } else if (facts.notVerified()) {
            sentences.add("The caller could not be verified.");
        }
        if (facts.appointmentRead()) {
            sentences.add("The next appointment was read.");
        }
        if (facts.booked()) {
            sentences.add("An appointment was booked.");
        } else if (facts.timesOffered()) {
            sentences.add("Free times were offered, none was booked.");
        }
        if (facts.cancelled()) {
            sentences.add("An appointment was cancelled.");
        }
        if (sentences.isEmpty()) {
            sentences.add(facts.said().isEmpty() ? "Nothing was asked for." : "Nothing was done in the records.");
        }
        sentences.add(
                switch (facts.outcome()) {
                    case HUNG_UP -> "The caller hung up.";
                    case TRANSFERRED -> "The caller was passed to a person.";
                    case FAILED -> "The call ended with an apology, because something did not work.";
                    case COMPLETED -> "The call came to its end.";
                    case LOST -> "The line was lost.";
                    case VOICEMAIL -> "The caller left a message, which waits to be heard.";
                });
        return sentences;
    }

    static CallAnalytics analytics(CallFacts facts, String reason, Instant now) {
        OptionalDouble sentiment = SentimentWords.of(facts.said());
        var score = new Score();
        if (facts.nothingDone()) {
            score.says("nothing was said or done", -BASE);
        }
        score.says("identity verified", facts.verified() ? 15 : 0);
        score.says("next appointment read", facts.appointmentRead() ? 5 : 0);
        score.says("free times asked for", facts.timesOffered() ? 15 : 0);
        score.says("appointment booked", facts.booked() ? 40 : 0);
        score.says("appointment cancelled", facts.cancelled() ? -20 : 0);
        score.says(
                "how it ended",
                switch (facts.outcome()) {
                    case TRANSFERRED -> 20;
                    case VOICEMAIL -> 15;
                    case COMPLETED -> 5;
                    case FAILED, LOST -> -5;
                    case HUNG_UP -> 0;
                });
        if (sentiment.isPresent() && Math.abs(sentiment.getAsDouble()) >= CLEARLY) {
            score.says("what the caller's words tell", sentiment.getAsDouble() > 0 ? 5 : -10);
        }
        return new CallAnalytics(new Maker(NAME, reason), now, sentiment, score.value(), score.grounds);
    }

    private static final class Score {
        private final List<String> grounds = new ArrayList<>(List.of("every call +" + BASE));
        private int points = BASE;

        void says(String what, int more) {
            if (more != 0) {
                points += more;
                grounds.add("%s %+d".formatted(what, more));
            }
        }

        int value() {
            return Math.clamp(points, 0, 100);
        }
    }
}
