package dev.sotto.keys;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.ActorId;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/// What was destroyed, as the audit log has it in `key.destruction.certified`.
///
/// @param keys how many keys are gone
/// @param covered how many record keys were among or below them, by data class code
/// @param approvers who approved it
/// @param lastCopyExpires when the last copy of a destroyed key in backups and write-ahead logs is gone: until then
///     who has such a copy and the key above it can still open
/// @param refused whether an attempt to open something after it was refused; false if there was nothing to try
public record DestructionCertificate(
        UUID request,
        String target,
        long keys,
        Map<String, Long> covered,
        List<ActorId> approvers,
        Instant destroyedAt,
        Instant lastCopyExpires,
        boolean refused) {
    public DestructionCertificate {
        requireNonNull(request, "request");
        requireNonNull(target, "target");
        requireNonNull(destroyedAt, "destroyedAt");
        requireNonNull(lastCopyExpires, "lastCopyExpires");
        covered = Collections.unmodifiableMap(new TreeMap<>(covered));
        approvers = List.copyOf(approvers);
    }

    /// Names and values, as the log keeps them; never the id of a person.
    public Map<String, String> details() {
        var details = new TreeMap<String, String>();
        details.put("keys", Long.toString(keys));
        covered.forEach((dataClass, count) -> details.put("covered_" + dataClass.replace('-', '_'), count.toString()));
        details.put("approvers", approvers.stream().map(ActorId::toString).collect(Collectors.joining(",")));
        details.put("destroyed_at", destroyedAt.toString());
        details.put("last_copy_expires", lastCopyExpires.toString());
        details.put("opens_after", refused ? "refused" : "nothing_to_try");
        return Collections.unmodifiableMap(details);
    }

    /// One `name=value` a line.
    String lines() {
        return details().entrySet().stream()
                .map(each -> each.getKey() + "=" + each.getValue())
                .collect(Collectors.joining("\n"));
    }
}
