package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.temporal.ChronoUnit.MILLIS;
import static java.util.Objects.requireNonNull;

import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Pattern;

/// What somebody asks to have destroyed. Immutable; what people sign to approve it is [#signedBytes()].
///
/// @param reason a code, 1 to 64 lower-case letters, digits and hyphens
/// @param requestedAt with a precision of milliseconds
/// @param notBefore the end of the waiting period
public record DestructionRequest(
        UUID id,
        TenantId tenant,
        Target target,
        String reason,
        ActorId requestedBy,
        Instant requestedAt,
        Instant notBefore) {
    private static final String LABEL = "sotto-key-destruction";
    private static final byte VERSION = 1;
    private static final Pattern REASON = Pattern.compile("[a-z0-9-]{1,64}");
    private static final String OWNER = "owner:";
    private static final String KEY = "key:";
    private static final String TENANT = "tenant";

    /// What is to be destroyed.
    public sealed interface Target {
        /// `owner:<owner>`, `key:<uuid>` or `tenant`.
        String text();

        /// Every record key of one call or one person.
        record OfOwner(KeyOwner owner) implements Target {
            @Override
            public String text() {
                return OWNER + owner.text();
            }
        }

        /// One version of a tenant, class or purpose key, which must be out of use.
        record OfKey(UUID key) implements Target {
            @Override
            public String text() {
                return KEY + key;
            }
        }

        /// Every key of the tenant.
        record OfTenant() implements Target {
            @Override
            public String text() {
                return TENANT;
            }
        }

        /// Reads [#text()].
        ///
        /// @throws IntegrityException if it is none of the forms
        static Target parse(String text) {
            try {
                if (text.equals(TENANT)) {
                    return new OfTenant();
                }
                if (text.startsWith(KEY)) {
                    return new OfKey(UUID.fromString(text.substring(KEY.length())));
                }
                if (text.startsWith(OWNER)) {
                    return new OfOwner(owner(text.substring(OWNER.length())));
                }
            } catch (RuntimeException malformed) {
                throw new IntegrityException(
                        KeysError.KEY_RECORD_INVALID, "target of a destruction has an unknown form", malformed);
            }
            throw new IntegrityException(KeysError.KEY_RECORD_INVALID, "target of a destruction has an unknown form");
        }
    }

    public DestructionRequest {
        requireNonNull(id, "id");
        requireNonNull(tenant, "tenant");
        requireNonNull(target, "target");
        requireNonNull(requestedBy, "requestedBy");
        if (!REASON.matcher(reason).matches()) {
            throw new IllegalArgumentException("reason must be 1 to 64 lower-case letters, digits or hyphens");
        }
        requestedAt = requestedAt.truncatedTo(MILLIS);
        notBefore = notBefore.truncatedTo(MILLIS);
        if (notBefore.isBefore(requestedAt)) {
            throw new IllegalArgumentException("notBefore must not be before requestedAt");
        }
    }

    /// The bytes that approvals sign, pinned by `docs/spec/sealing.md`.
    public byte[] signedBytes() {
        return Parts.lengthPrefixed(
                LABEL.getBytes(US_ASCII),
                new byte[] {VERSION},
                Parts.bytes(id),
                tenant.toString().getBytes(US_ASCII),
                target.text().getBytes(UTF_8),
                reason.getBytes(US_ASCII),
                requestedBy.toString().getBytes(US_ASCII),
                millis(requestedAt),
                millis(notBefore));
    }

    private static byte[] millis(Instant at) {
        return ByteBuffer.allocate(Long.BYTES).putLong(at.toEpochMilli()).array();
    }

    /// Reads [KeyOwner#text()].
    static KeyOwner owner(String text) {
        String id = text.substring(text.indexOf('/') + 1);
        return switch (text.substring(0, Math.max(0, text.indexOf('/')))) {
            case "call" -> new KeyOwner.OfCall(CallId.parse(id));
            case "subject" -> new KeyOwner.OfSubject(SubjectId.parse(id));
            case "tenant" -> new KeyOwner.OfTenant(TenantId.parse(id));
            default -> throw new IntegrityException(KeysError.KEY_RECORD_INVALID, "key owner has an unknown form");
        };
    }
}
