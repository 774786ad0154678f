package dev.sotto.guard;

import java.util.ArrayList;
import java.util.List;

/// Tells dates of birth from other dates.
final class DateDetector implements Detector {
    private static final String NAME = "dates";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Finding> detect(Utterance utterance, Deadline deadline) {
        var found = new ArrayList<Finding>();
        for (DateSpan date : utterance.dates()) {
            boolean birth = utterance.expected() == Expectation.BIRTH_DATE
                    || utterance.cues().near(EntityType.DOB, date.first(), date.last());
            EntityType type = birth ? EntityType.DOB : EntityType.DATE;
            double score = date.year() > 0 || birth ? 0.95 : 0.8;
            found.add(new Finding.Inferred(utterance.span(date.first(), date.last()), type, score, NAME));
            deadline.check();
        }
        return found;
    }
}
