package dev.sotto.agent;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Pattern;

/// How a caller felt, by a short list of words of our own: crude, and the same each time.
final class SentimentWords {
    /// So many telling words give the full weight to their mean.
    private static final double ENOUGH = 3;

    private static final int REACH_OF_NOT = 2;
    private static final Pattern NOT_A_WORD = Pattern.compile("[^\\p{L}']+");
    private static final Set<String> NOT =
            Set.of("not", "no", "never", "isn't", "wasn't", "don't", "didn't", "doesn't", "can't", "won't", "hardly");
    private static final Map<String, Integer> WEIGHTS = weights();

    private SentimentWords() {}

    private static Map<String, Integer> weights() {
        var weights = new HashMap<String, Integer>();
        words(weights, 2, "wonderful excellent fantastic perfect delighted amazing lovely brilliant");
        words(weights, 1, "thanks thank great good glad happy nice helpful pleased kind fine appreciate relieved easy");
        words(weights, -1, "wrong bad sorry late slow waiting wait confused confusing problem trouble worried unhappy");
        words(weights, -1, "difficult broken again pain hurts unfortunately complain complaint disappointed annoying");
        words(weights, -2, "terrible awful horrible ridiculous useless angry furious unacceptable worst rude hate");
        words(weights, -2, "incompetent disgusting outrageous lawyer sue");
        return Map.copyOf(weights);
    }

    private static void words(Map<String, Integer> weights, int weight, String words) {
        for (String word : words.split(" ", -1)) {
            weights.put(word, weight);
        }
    }

    /// -1 to 1; empty if no word tells.
    static OptionalDouble of(List<String> said) {
        int sum = 0;
        int telling = 0;
        for (String turn : said) {
            int sinceNot = REACH_OF_NOT + 1;
            for (String word : NOT_A_WORD.split(turn.toLowerCase(Locale.ROOT).replace('’', '\''), -1)) {
                sinceNot = NOT.contains(word) ? 0 : sinceNot + 1;
                int weight = WEIGHTS.getOrDefault(word, 0);
                if (weight != 0) {
                    telling++;
                    sum += sinceNot <= REACH_OF_NOT ? -weight : weight;
                }
            }
        }
        if (telling == 0) {
            return OptionalDouble.empty();
        }
        double mean = (double) sum / (2 * telling);
        return OptionalDouble.of(Math.round(100 * mean * Math.min(1, telling / ENOUGH)) / 100.0);
    }
}
