package dev.sotto.guard;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import java.util.ArrayList;
import java.util.List;

/// What the guard remembers of one call, from [Guard#openCall]. Disclosures that name the call use it by themselves.
/// Thread-safe.
public final class CallGuard implements AutoCloseable {
    private final CallMemory memory;
    private final GuardParts parts;
    private final Runnable onClose;

    /// A stretch of a text.
    public sealed interface Stretch {
        /// Nothing was found in it.
        record Clear(SensitiveText text) implements Stretch {}

        /// It may identify somebody.
        record Found(EntityType type, SensitiveText text) implements Stretch {}
    }

    CallGuard(CallMemory memory, GuardParts parts, Runnable onClose) {
        this.memory = memory;
        this.parts = parts;
        this.onClose = onClose;
    }

    /// Reads what the caller said, as an answer to what was asked last, for what is kept of it. No decision: nothing
    /// may be sent on the strength of it.
    ///
    /// @return the whole text in stretches, in order
    /// @throws SottoException if it could not be read: then all of it is protected
    public List<Stretch> heard(SensitiveText text) {
        return read(text, false);
    }

    /// Reads what the agent says, for what is kept of it; what it asks is what the next answer is about.
    ///
    /// @return the whole text in stretches, in order
    /// @throws SottoException if it could not be read: then all of it is protected
    public List<Stretch> said(SensitiveText text) {
        return read(text, true);
    }

    /// Reminds of what was found in this call before, such as in turns that were kept, so that it is found again where
    /// no word announces it. Cards and check values are not remembered.
    ///
    /// @throws SottoException if it could not be read
    public void recall(EntityType type, SensitiveText value) {
        Deadline deadline = Deadline.in(parts.limits().detection(), parts.nanos());
        synchronized (memory) {
            var utterance = Detection.utterance(value, Expectation.NOTHING, CarriedDigits.NONE, deadline);
            String normal = Values.of(utterance, new Span(0, value.length()), requireNonNull(type, "type"));
            if (!normal.isEmpty()) {
                memory.known().add(type, normal);
            }
        }
    }

    private List<Stretch> read(SensitiveText text, boolean asks) {
        Deadline deadline = Deadline.in(parts.limits().detection(), parts.nanos());
        synchronized (memory) {
            var read = new ActReader(parts.detection(), memory, deadline)
                    .read(List.of(text))
                    .getFirst();
            if (asks) {
                memory.expect(Questions.asked(read.utterance()));
            }
            return stretches(text.reveal(), Clusters.of(read.findings()));
        }
    }

    private static List<Stretch> stretches(String text, List<Clusters.Cluster> clusters) {
        var stretches = new ArrayList<Stretch>();
        int at = 0;
        for (var cluster : clusters) {
            clear(text, at, cluster.span().start(), stretches);
            at = cluster.span().end();
            String found = text.substring(cluster.span().start(), at);
            stretches.add(new Stretch.Found(cluster.type(), SensitiveText.of(found)));
        }
        clear(text, at, text.length(), stretches);
        return List.copyOf(stretches);
    }

    private static void clear(String text, int from, int to, List<Stretch> stretches) {
        if (from < to) {
            stretches.add(new Stretch.Clear(SensitiveText.of(text.substring(from, to))));
        }
    }

    /// Says what the agent has just asked for, until it says otherwise: the newest text of an act is read as the
    /// answer.
    public void expect(Expectation expectation) {
        synchronized (memory) {
            memory.expect(requireNonNull(expectation, "expectation"));
        }
    }

    /// Forgets all of it. Tokens given before stand for nothing from now on.
    @Override
    public void close() {
        synchronized (memory) {
            memory.forget();
        }
        onClose.run();
    }
}
