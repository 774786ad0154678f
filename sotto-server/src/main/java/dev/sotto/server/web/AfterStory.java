package dev.sotto.server.web;

import dev.sotto.store.CallAnalytics;
import dev.sotto.store.CallInsights;
import dev.sotto.store.CallSummary;
import dev.sotto.store.Maker;
import dev.sotto.store.TurnText;
import dev.sotto.store.WrapUps;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// What the page of a call tells of what was made of it.
///
/// @param note what is missing and why; empty if nothing is
record AfterStory(@Nullable Gist summary, @Nullable Numbers analytics, String note) {
    /// @param made by whom, in words
    record Gist(List<CallStory.Part> parts, String made) {
        static Gist of(CallSummary summary) {
            List<CallStory.Part> shown = new ArrayList<>();
            List<TurnText.Part> parts = summary.text().parts();
            for (int i = 0; i < parts.size(); i++) {
                shown.add(CallStory.Part.of(i, parts.get(i)));
            }
            return new Gist(shown, madeBy(summary.maker()));
        }
    }

    /// @param sentiment in words and figures
    /// @param moodFrom where its bar begins, of 100
    /// @param moodWidth how long it is, of 100
    /// @param mood how it is drawn: `good`, `bad`, or empty
    /// @param grounds what the score rests on; empty if a model does not say
    record Numbers(
            String sentiment,
            double moodFrom,
            double moodWidth,
            String mood,
            int leadScore,
            String grounds,
            String made) {
        private static final double CLEARLY = 0.3;

        static Numbers of(CallAnalytics analytics) {
            OptionalDouble sentiment = analytics.sentiment();
            double value = sentiment.orElse(0);
            return new Numbers(
                    sentiment.isPresent()
                            ? String.format(Locale.ROOT, "%+.2f", value).replace("+0.00", "0.00")
                            : "nothing tells",
                    50 + 50 * Math.min(0, value),
                    50 * Math.abs(value),
                    value >= CLEARLY ? "good" : value <= -CLEARLY ? "bad" : "",
                    analytics.leadScore(),
                    String.join(", ", analytics.grounds()),
                    madeBy(analytics.maker()));
        }
    }

    static AfterStory of(WrapUps.View view, CallInsights insights) {
        return new AfterStory(
                insights.summary().map(Gist::of).orElse(null),
                insights.analytics().map(Numbers::of).orElse(null),
                note(view));
    }

    private static String note(WrapUps.View view) {
        return switch (view.state()) {
            case DONE -> "";
            case PENDING ->
                view.attempts() < 2
                        ? "Being made now."
                        : "Being made; attempt %d, because something did not answer.".formatted(view.attempts());
            case OFF -> "Not made: the policy or the configuration of this node switches it off.";
            case FAILED -> "It could not be made. The audit log says when it was given up.";
        };
    }

    private static String madeBy(Maker maker) {
        return maker.reason().isEmpty() ? "by " + maker.by() : "by %s: %s".formatted(maker.by(), why(maker.reason()));
    }

    private static String why(String reason) {
        return switch (reason) {
            case "no_model" -> "this node has no model";
            case "nothing_said" -> "the caller said nothing that was transcribed";
            case "denied" -> "the policy did not let the text go to a model";
            case "out_of_policy" -> "the policy lets no model read it";
            case "broken_answer" -> "the model did not answer what was asked";
            case "provider_down" -> "the model did not answer";
            case "guard_busy" -> "the guard had no place for the call";
            case "unrecorded" -> "the disclosure could not be recorded";
            default -> reason.replace('_', ' ').toLowerCase(Locale.ROOT);
        };
    }
}
