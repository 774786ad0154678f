package dev.sotto.server.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sotto.audit.AuditEntry;
import dev.sotto.audit.EntryBytes;
import dev.sotto.audit.EntryCheck;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An entry of the log with its proof and the bytes that are proven, so that a client can check by itself.
///
/// @param state `proven`, `unsigned` (newer than the checkpoint) or `broken`
/// @param fault what is wrong with a broken one, which is shown as bytes only
/// @param header base64 of the exact bytes
/// @param body base64 of the exact bytes; absent if they are gone
/// @param bodyHash hex of the hash recorded for the body
/// @param leafHash hex of what header and body hash to
/// @param path from the leaf's sibling up
@JsonInclude(JsonInclude.Include.NON_NULL)
record AuditEntryView(
        long sequence,
        String state,
        @Nullable String fault,
        @Nullable Instant at,
        @Nullable String type,
        @Nullable String actor,
        @Nullable String resource,
        @Nullable Map<String, String> details,
        String header,
        @Nullable String body,
        String bodyHash,
        String leafHash,
        @Nullable Long treeSize,
        @Nullable List<String> path) {
    static AuditEntryView of(CallProofs.Shown shown) {
        EntryBytes bytes = shown.bytes();
        Optional<AuditEntry> entry = shown.entry();
        Optional<AuditEntry.Body> said = entry.flatMap(AuditEntry::body);
        return new AuditEntryView(
                bytes.sequence(),
                state(shown.check()),
                shown.check() instanceof EntryCheck.Broken broken ? CallView.lower(broken.fault()) : null,
                entry.map(AuditEntry::at).orElse(null),
                entry.map(AuditEntry::type).orElse(null),
                entry.map(known -> known.actor().toString()).orElse(null),
                said.map(AuditEntry.Body::resource).orElse(null),
                said.<Map<String, String>>map(AuditEntry.Body::details).orElse(null),
                Base64.getEncoder().encodeToString(bytes.header()),
                bytes.body().map(Base64.getEncoder()::encodeToString).orElse(null),
                bytes.recordedBodyHash().toString(),
                bytes.leafHash().toString(),
                shown.proof().map(proof -> proof.treeSize()).orElse(null),
                shown.proof()
                        .map(proof ->
                                proof.path().stream().map(Object::toString).toList())
                        .orElse(null));
    }

    static String state(EntryCheck check) {
        return switch (check) {
            case EntryCheck.Proven _ -> "proven";
            case EntryCheck.Unsigned _ -> "unsigned";
            case EntryCheck.Broken _ -> "broken";
        };
    }
}
