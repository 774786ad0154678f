package dev.sotto.guard;

import dev.sotto.core.SensitiveText;
import java.util.LinkedHashMap;
import java.util.Map;

/// What the guard knows of one call while it lasts: tokens, what was found, what was asked. Held in memory only. Not
/// thread-safe: an act holds its lock.
final class CallMemory {
    static final int MAX_ANSWERS = 512;

    private final TokenVault vault = new TokenVault();
    private final KnownValues known = new KnownValues();
    private final Readings readings = new Readings();
    /// Answers that were read as answers once, so that a resent history is read the same way.
    private final Map<SensitiveText, Expectation> answers = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<SensitiveText, Expectation> eldest) {
            return size() > MAX_ANSWERS;
        }
    };
    private Expectation expected = Expectation.NOTHING;
    private CarriedDigits carried = CarriedDigits.NONE;
    private boolean forgotten;

    TokenVault vault() {
        return vault;
    }

    KnownValues known() {
        return known;
    }

    Readings readings() {
        return readings;
    }

    Expectation expected() {
        return expected;
    }

    void expect(Expectation expectation) {
        expected = expectation;
    }

    CarriedDigits carried() {
        return carried;
    }

    void carry(CarriedDigits open) {
        carried = open;
    }

    Expectation answered(SensitiveText text) {
        return answers.getOrDefault(text, Expectation.NOTHING);
    }

    void answer(SensitiveText text, Expectation expectation) {
        answers.put(text, expectation);
    }

    boolean forgotten() {
        return forgotten;
    }

    void forget() {
        vault.forget();
        known.forget();
        readings.forget();
        answers.clear();
        expected = Expectation.NOTHING;
        carried = CarriedDigits.NONE;
        forgotten = true;
    }
}
