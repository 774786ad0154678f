package dev.sotto.guard;

import dev.sotto.core.Passage;
import dev.sotto.core.StreamDisclosure;
import java.time.LocalDate;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// A granted stream. It is looked at again whenever the rules or the day change.
final class GuardPassage implements Passage {
    private final Guard guard;
    private final StreamDisclosure disclosure;
    private final Act act;
    private final String rule;
    private final LongAdder units = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile Checked checked;
    private volatile @Nullable String shutBy;

    private record Checked(GuardRules rules, LocalDate day) {}

    GuardPassage(Guard guard, StreamDisclosure disclosure, Act act, String rule, GuardRules rules, LocalDate day) {
        this.guard = guard;
        this.disclosure = disclosure;
        this.act = act;
        this.rule = rule;
        this.checked = new Checked(rules, day);
    }

    @Override
    public boolean open() {
        if (closed.get() || shutBy != null) {
            return false;
        }
        var now = new Checked(guard.rules(), guard.today());
        if (now.equals(checked)) {
            return true;
        }
        Ruling ruling = Ruling.of(act, now.rules(), now.day());
        if (ruling.allows()) {
            checked = now;
            return true;
        }
        shut(ruling.name());
        return false;
    }

    private void shut(String reason) {
        boolean first;
        synchronized (this) {
            first = shutBy == null;
            if (first) {
                shutBy = reason;
            }
        }
        if (first) {
            guard.parts().meter().count("guard.streams.shut");
            guard.denied(disclosure.tenant(), disclosure.call(), act, reason);
        }
    }

    @Override
    public void sent(long moreUnits, long moreBytes) {
        if (moreUnits < 0 || moreBytes < 0) {
            throw new IllegalArgumentException("what was sent must not be negative");
        }
        units.add(moreUnits);
        bytes.add(moreBytes);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            String reason = shutBy;
            guard.audit()
                    .append(guard.audit().stream(
                                    GuardAudit.ENDED,
                                    disclosure,
                                    rule,
                                    checked.rules().label())
                            .detail("units", units.sum())
                            .detail("bytes", bytes.sum())
                            .detail("shut", reason == null ? "" : reason)
                            .build());
        }
    }
}
