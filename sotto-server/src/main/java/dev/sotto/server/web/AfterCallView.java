package dev.sotto.server.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sotto.store.CallAnalytics;
import dev.sotto.store.CallInsights;
import dev.sotto.store.CallSummary;
import dev.sotto.store.WrapUps;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was made of a call once it ended, as the API shows it.
///
/// @param attempts how often it was begun
@JsonInclude(JsonInclude.Include.NON_NULL)
record AfterCallView(
        String state,
        int attempts,
        @Nullable Summary summary,
        @Nullable Analytics analytics) {
    /// @param by `rules-1`, or `model` and its name
    /// @param reason why no model made it
    /// @param text the redacted words, each protected part as `[LABEL]`
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Summary(String by, @Nullable String reason, Instant at, String text, List<CallView.Part> parts) {
        static Summary of(CallSummary summary) {
            return new Summary(
                    summary.maker().by(),
                    present(summary.maker().reason()),
                    summary.at(),
                    summary.text().redacted(),
                    summary.text().parts().stream().map(CallView.Part::of).toList());
        }
    }

    /// @param sentiment -1 to 1; left out if nothing tells
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Analytics(
            String by,
            @Nullable String reason,
            Instant at,
            @Nullable Double sentiment,
            int leadScore,
            List<String> grounds) {
        static Analytics of(CallAnalytics analytics) {
            return new Analytics(
                    analytics.maker().by(),
                    present(analytics.maker().reason()),
                    analytics.at(),
                    analytics.sentiment().isPresent() ? analytics.sentiment().getAsDouble() : null,
                    analytics.leadScore(),
                    analytics.grounds());
        }
    }

    /// How it stands, without opening anything.
    static AfterCallView of(WrapUps.View view) {
        return new AfterCallView(CallView.lower(view.state()), view.attempts(), null, null);
    }

    AfterCallView with(CallInsights insights) {
        return new AfterCallView(
                state,
                attempts,
                insights.summary().map(Summary::of).orElse(null),
                insights.analytics().map(Analytics::of).orElse(null));
    }

    private static @Nullable String present(String text) {
        return text.isEmpty() ? null : text;
    }
}
