package dev.sotto.server.call;

import dev.sotto.core.CallId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a node's API says about calls, as far as `sotto call` shows it. Thread-safe; blocks.
final class NodeApi {
    private final NodeClient client;
    private final String tenant;

    /// @param tenant whose calls they are
    NodeApi(NodeClient client, String tenant) {
        this.client = client;
        this.tenant = tenant;
    }

    /// A call.
    ///
    /// @param turns null if they were not asked for
    record Call(
            String state,
            @Nullable Long lengthMillis,
            int turnCount,
            @Nullable Recording recording,
            @Nullable List<Turn> turns) {
        /// Whether nothing of it is still being written.
        boolean settled() {
            return state.equals("ended")
                    && (recording == null || !recording.state().equals("writing"));
        }
    }

    record Recording(String state, long sealedBytes) {}

    record Turn(int ordinal, String speaker, String kind, long atMillis, long lengthMillis, List<Part> parts) {
        /// Whether the node keeps something back in it.
        boolean hasLabel() {
            return parts.stream().anyMatch(part -> part.label() != null);
        }
    }

    /// Words, or the label of what is protected.
    record Part(@Nullable String text, @Nullable String label) {}

    /// What the audit log says about a call, with proofs.
    ///
    /// @param checkpoint the signed note the proofs lead to
    record Entries(
            List<Entry> entries,
            boolean truncated,
            @Nullable String checkpoint) {}

    /// What the node says of an entry, and the bytes it says it from.
    ///
    /// @param header base64
    /// @param body base64; null if it is gone
    /// @param bodyHash hex
    record Entry(
            long sequence,
            @Nullable Instant at,
            @Nullable String type,
            @Nullable String actor,
            @Nullable String resource,
            @Nullable Map<String, String> details,
            String header,
            @Nullable String body,
            String bodyHash,
            @Nullable Long treeSize,
            @Nullable List<String> path) {}

    /// Whose entries these must be.
    String tenant() {
        return tenant;
    }

    /// @param turns whether to open the words, which is audited
    Call call(CallId id, boolean turns) {
        return client.get("/api/v1/calls/%s?tenant=%s&turns=%s".formatted(id, tenant, turns), Call.class);
    }

    Entries audit(CallId id) {
        return client.get("/api/v1/calls/%s/audit?tenant=%s".formatted(id, tenant), Entries.class);
    }
}
