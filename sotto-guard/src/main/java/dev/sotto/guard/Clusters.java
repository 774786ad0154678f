package dev.sotto.guard;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Puts findings that overlap together, so that each character of a text has one answer.
final class Clusters {
    private Clusters() {}

    /// A stretch of text that one or several findings cover.
    ///
    /// @param span all that any of them covers
    /// @param type of the longest, the most severe of equally long ones
    /// @param types of all of them
    /// @param label the finding that names the type
    record Cluster(Span span, EntityType type, Set<EntityType> types, Finding label) {
        /// As one finding.
        Finding finding() {
            return span.equals(label.span())
                    ? label
                    : new Finding.Inferred(span, type, label.score(), label.detector());
        }
    }

    /// @param findings ordered by their start
    static List<Cluster> of(List<Finding> findings) {
        var clusters = new ArrayList<Cluster>();
        int at = 0;
        while (at < findings.size()) {
            Finding label = findings.get(at);
            Span span = label.span();
            Set<EntityType> types = EnumSet.of(label.type());
            at++;
            while (at < findings.size() && findings.get(at).span().overlaps(span)) {
                Finding next = findings.get(at);
                span = span.union(next.span());
                types.add(next.type());
                label = stronger(next, label) ? next : label;
                at++;
            }
            clusters.add(new Cluster(span, label.type(), types, label));
        }
        return List.copyOf(clusters);
    }

    private static boolean stronger(Finding one, Finding other) {
        if (one.type().neverKept() != other.type().neverKept()) {
            return one.type().neverKept();
        }
        int longer = Integer.compare(one.span().length(), other.span().length());
        return longer != 0 ? longer > 0 : one.type().compareTo(other.type()) < 0;
    }
}
