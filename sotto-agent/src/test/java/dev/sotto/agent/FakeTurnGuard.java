package dev.sotto.agent;

import dev.sotto.core.DataClass;
import dev.sotto.core.DeniedException;
import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.ErrorCode;
import dev.sotto.core.Passage;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import dev.sotto.store.TurnText;
import dev.sotto.store.TurnText.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/// A guard that hides one value, and says no on demand.
final class FakeTurnGuard implements TurnGuard {
    enum Fault implements ErrorCode {
        OUT_OF_POLICY,
        AUDIT_DOWN
    }

    /// One act of sending that was allowed.
    record Sent(String destination, String purpose, List<String> pieces) {}

    static final String HIDDEN = "Maren Oakfield";
    static final String TOKEN = "<PERSON_1>";

    final List<Sent> sent = new CopyOnWriteArrayList<>();
    final AtomicLong heardFrames = new AtomicLong();
    volatile String blocked = "nothing that anybody says";
    volatile String outOfPolicy = "";
    volatile String down = "";
    volatile boolean closed;
    volatile boolean passageShut;
    volatile boolean passageClosed;

    @Override
    public Optional<Verdict.Allowed> decide(
            String destination, DataClass dataClass, String purpose, List<SensitiveText> pieces) {
        refuse(purpose);
        if (pieces.stream().anyMatch(piece -> piece.reveal().contains(blocked))) {
            return Optional.empty();
        }
        var allowed = new ArrayList<SensitiveText>();
        for (var piece : pieces) {
            boolean model = purpose.equals(Dialogue.PURPOSE) || purpose.equals(GatedLine.PURPOSE);
            allowed.add(SensitiveText.of(
                    model
                            ? piece.reveal().replace(HIDDEN, TOKEN)
                            : piece.reveal().replace(TOKEN, HIDDEN)));
        }
        sent.add(new Sent(
                destination,
                purpose,
                allowed.stream().map(SensitiveText::reveal).toList()));
        return Optional.of(new Verdict.Allowed(allowed, "test"));
    }

    private void refuse(String purpose) {
        if (purpose.equals(outOfPolicy)) {
            throw new DeniedException(Fault.OUT_OF_POLICY, "not now");
        }
        if (purpose.equals(down)) {
            throw new UnavailableException(Fault.AUDIT_DOWN, "not now");
        }
    }

    @Override
    public Passage grant(String destination, DataClass dataClass, String purpose) {
        refuse(purpose);
        return new Passage() {
            @Override
            public boolean open() {
                return !passageClosed && !passageShut;
            }

            @Override
            public void sent(long units, long bytes) {
                heardFrames.addAndGet(units);
            }

            @Override
            public void close() {
                passageClosed = true;
            }
        };
    }

    @Override
    public TurnText heard(SensitiveText text) {
        return shown(text);
    }

    @Override
    public TurnText said(SensitiveText text) {
        return shown(text);
    }

    private static TurnText shown(SensitiveText text) {
        int at = text.reveal().indexOf(HIDDEN);
        if (at < 0) {
            return TurnText.clear(text.reveal());
        }
        return TurnText.of(
                new Part.Clear(text.reveal().substring(0, at)),
                new Part.Protected("PERSON", SensitiveText.of(HIDDEN)),
                new Part.Clear(text.reveal().substring(at + HIDDEN.length())));
    }

    @Override
    public void close() {
        closed = true;
    }
}
