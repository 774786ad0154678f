package dev.sotto.agent;

import dev.sotto.core.SubjectId;
import dev.sotto.store.AttemptLimits;
import dev.sotto.store.Identification;
import dev.sotto.store.IdentityAttempt.Factors;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Who the caller of one call is known to be. Set only here, by a check against the store; no argument of a tool and no
/// word of a model can set it. Thread-safe; checks block, one at a time.
final class IdentityGate {
    private final CallFile file;
    private final CallAudit audit;
    private final AttemptLimits limits;
    private final Object checking = new Object();
    private volatile @Nullable SubjectId subject;
    private int attempts;

    IdentityGate(CallFile file, CallAudit audit, AttemptLimits limits) {
        this.file = file;
        this.audit = audit;
        this.limits = limits;
    }

    /// The person the caller was verified to be.
    Optional<SubjectId> verified() {
        return Optional.ofNullable(subject);
    }

    /// Checks what the caller gave. A malformed entry, no match, several matches and a wrong factor are one answer.
    /// Nothing is set unless the fact is in the audit log.
    ToolResult check(Factors factors) {
        synchronized (checking) {
            if (subject != null) {
                return new ToolResult.Refused(ToolResult.Why.ALREADY_VERIFIED);
            }
            attempts++;
            return switch (file.identify(factors)) {
                case Identification.Matched(SubjectId matched) -> {
                    audit.append("identity.verified", Map.of());
                    file.verified(matched);
                    subject = matched;
                    yield new ToolResult.Verified();
                }
                case Identification.Unmatched _ -> {
                    audit.append("identity.failed", Map.of());
                    yield new ToolResult.NotVerified(Math.max(0, limits.perCall() - attempts));
                }
                case Identification.Locked(Identification.Scope scope) -> {
                    audit.append("identity.locked", Map.of("scope", scope.name().toLowerCase(Locale.ROOT)));
                    yield new ToolResult.Locked();
                }
            };
        }
    }
}
