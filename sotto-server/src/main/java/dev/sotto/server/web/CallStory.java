package dev.sotto.server.web;

import dev.sotto.audit.AuditEntry;
import dev.sotto.audit.EntryCheck;
import dev.sotto.store.Speaker;
import dev.sotto.store.Turn;
import dev.sotto.store.TurnKind;
import dev.sotto.store.TurnText;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What the page of a call tells, part by part. All that is said of entries of the log comes from bytes that were
/// checked.
record CallStory(List<Said> turns, List<Sent> sent, List<Logged> entries, List<Kind> kinds, Proof proof) {
    private static final Comparator<Turn> IN_TIME =
            Comparator.comparing(Turn::at).thenComparingInt(Turn::ordinal);
    private static final String ALLOWED = "disclosure.allowed";
    private static final String DENIED = "disclosure.denied";
    private static final List<String> SENT_FIELDS = List.of("destination", "data_class", "purpose", "rule");

    /// A turn.
    record Said(
            String id,
            long atMillis,
            long lengthMillis,
            String at,
            String who,
            String css,
            boolean tool,
            List<Part> parts,
            String took) {
        static Said of(Turn turn) {
            boolean tool = turn.kind() == TurnKind.TOOL;
            List<TurnText.Part> parts = turn.text().parts();
            List<Part> shown = new ArrayList<>();
            for (int i = 0; i < parts.size(); i++) {
                shown.add(Part.of(i, parts.get(i)));
            }
            return new Said(
                    turn.id().toString(),
                    turn.at().toMillis(),
                    turn.length().toMillis(),
                    CallWords.clock(turn.at()),
                    tool ? "Tool" : CallWords.who(turn.speaker()),
                    tool ? "tool" : css(turn.speaker()),
                    tool,
                    shown,
                    tool ? turn.length().toMillis() + " ms" : "");
        }

        private static String css(Speaker speaker) {
            return CallView.lower(speaker);
        }
    }

    /// Words, or the label of what is protected.
    ///
    /// @param place among the turn's parts, from 0
    /// @param text empty if it is protected
    /// @param label empty if it is not
    record Part(int place, String text, String label) {
        static Part of(int place, TurnText.Part part) {
            return switch (part) {
                case TurnText.Part.Clear(String text) -> new Part(place, text, "");
                case TurnText.Part.Protected hidden -> new Part(place, "", hidden.label());
            };
        }

        public boolean isProtected() {
            return !label.isEmpty();
        }
    }

    /// A decision of the guard: to whom, what, why, by which rule.
    record Sent(
            long sequence,
            String at,
            boolean allowed,
            String destination,
            String dataClass,
            String purpose,
            String rule,
            Map<String, String> more,
            boolean proven) {}

    /// An entry of the log.
    ///
    /// @param details name and value, in order
    /// @param state `proven`, `unsigned` or `broken`
    /// @param fault in words; empty if there is none
    record Logged(
            long sequence,
            String at,
            String type,
            String actor,
            Map<String, String> details,
            String leaf,
            String state,
            String fault) {}

    /// The entries of one type, in the order in which the types first came up.
    ///
    /// @param sequence of the first
    record Kind(String type, int count, long sequence, String state) {
        Kind and(Kind next) {
            return new Kind(type, count + next.count, sequence, state.equals(next.state) ? state : "mixed");
        }
    }

    /// What was proven, and what was not.
    ///
    /// @param broken the entries that must not be believed
    /// @param signedSize how many entries of the log the signed head covers; 0 if there is none
    record Proof(int entries, int proven, int unsigned, List<Logged> broken, long signedSize, boolean truncated) {
        public boolean isWhole() {
            return entries > 0 && proven == entries && !truncated;
        }
    }

    static CallStory of(List<Turn> turns, CallProofs proofs, ZoneId zone) {
        List<Logged> entries =
                proofs.entries().stream().map(shown -> logged(shown, zone)).toList();
        return new CallStory(
                turns.stream().sorted(IN_TIME).map(Said::of).toList(),
                proofs.entries().stream()
                        .flatMap(shown -> sent(shown, zone).stream())
                        .toList(),
                entries,
                kinds(entries),
                new Proof(
                        entries.size(),
                        count(entries, "proven"),
                        count(entries, "unsigned"),
                        entries.stream()
                                .filter(entry -> entry.state().equals("broken"))
                                .toList(),
                        proofs.checkpoint()
                                .map(head -> head.checkpoint().size())
                                .orElse(0L),
                        proofs.truncated()));
    }

    private static int count(List<Logged> entries, String state) {
        return (int)
                entries.stream().filter(entry -> entry.state().equals(state)).count();
    }

    private static Logged logged(CallProofs.Shown shown, ZoneId zone) {
        Optional<AuditEntry> entry = shown.entry();
        String state = AuditEntryView.state(shown.check());
        String fault = shown.check() instanceof EntryCheck.Broken broken ? CallWords.fault(broken.fault()) : "";
        return new Logged(
                shown.bytes().sequence(),
                entry.map(known -> CallWords.time(known.at(), zone)).orElse(""),
                entry.map(AuditEntry::type).orElse("not shown"),
                entry.map(known -> known.actor().toString()).orElse(""),
                entry.flatMap(AuditEntry::body).map(AuditEntry.Body::details).orElseGet(TreeMap::new),
                shown.bytes().leafHash().toString(),
                state,
                fault);
    }

    private static List<Kind> kinds(List<Logged> entries) {
        Map<String, Kind> byType = new LinkedHashMap<>();
        for (Logged entry : entries) {
            byType.merge(entry.type(), new Kind(entry.type(), 1, entry.sequence(), entry.state()), Kind::and);
        }
        return List.copyOf(byType.values());
    }

    private static Optional<Sent> sent(CallProofs.Shown shown, ZoneId zone) {
        return shown.entry()
                .filter(entry -> entry.type().equals(ALLOWED) || entry.type().equals(DENIED))
                .map(entry -> {
                    SortedMap<String, String> details = new TreeMap<>(
                            entry.body().map(AuditEntry.Body::details).orElseGet(TreeMap::new));
                    List<String> known = SENT_FIELDS.stream()
                            .map(field ->
                                    Optional.ofNullable(details.remove(field)).orElse("not said"))
                            .toList();
                    return new Sent(
                            entry.sequence(),
                            CallWords.time(entry.at(), zone),
                            entry.type().equals(ALLOWED),
                            known.get(0),
                            known.get(1),
                            known.get(2),
                            known.get(3),
                            details,
                            shown.proven());
                });
    }
}
