package dev.sotto.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// Which rows did not open when they were to be sealed anew: bounded, and only of this process. A row that opens
/// again, or is gone, leaves the list when the next pass over its class key ends. Thread-safe.
final class RefusedRows {
    /// The most rows that are listed; those beyond are counted only.
    static final int MAX = 1_000;

    private final Map<ExposedRows.Refused, Integer> passes = new HashMap<>();
    private final Map<UUID, Integer> running = new HashMap<>(); // one entry a compromised class key

    /// Notes a row. True if it was not known before, as far as the list reaches.
    synchronized boolean note(ExposedRows.Refused row) {
        int pass = running.getOrDefault(row.classKey(), 0);
        if (passes.size() >= MAX && !passes.containsKey(row)) {
            return false;
        }
        return passes.put(row, pass) == null;
    }

    /// Forgets what the pass over the class key that ends now did not come upon.
    synchronized void endPass(UUID classKey) {
        int pass = running.merge(classKey, 1, Integer::sum) - 1;
        passes.entrySet().removeIf(each -> each.getKey().classKey().equals(classKey) && each.getValue() < pass);
    }

    /// Forgets all rows under class keys that are not among `exposed`.
    synchronized void retain(Set<UUID> exposed) {
        passes.keySet().removeIf(row -> !exposed.contains(row.classKey()));
        running.keySet().retainAll(exposed);
    }

    synchronized List<ExposedRows.Refused> list() {
        var rows = new ArrayList<>(passes.keySet());
        rows.sort(Comparator.comparing((ExposedRows.Refused row) -> row.tenant().toString())
                .thenComparing(ExposedRows.Refused::record)
                .thenComparing(ExposedRows.Refused::id));
        return List.copyOf(rows);
    }
}
